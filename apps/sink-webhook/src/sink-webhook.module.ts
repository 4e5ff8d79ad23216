import { type Endpoint, EndpointStore, endpointsKind, WEBHOOK_HOP as HOP, parseEndpoint } from '@millrace/endpoints';
import { Health, LOGGER, type Logger, Metrics, readVariable, TRACING, type Tracing, WatchedFile } from '@millrace/host';
import { SinkModule } from '@millrace/sink';
import { RedisTransport } from '@millrace/streams/redis';
import { Deliveries } from './delivery/deliveries.js';
import { DeliveryFactory } from './delivery/delivery-factory.js';
import { QueueRetention } from './delivery/queue-retention.js';
import { EndpointDispatch } from './endpoint-dispatch.js';
import { Endpoints } from './endpoints/endpoints.js';
import { Orders } from './endpoints/orders.js';
import { SinkWebhookConfig } from './sink-webhook-config.js';
import { WebhookService } from './webhook-service.js';

/** Endpoints get the larger part of the time that a stop may take; what has no answer by then is released. */
const GRACE_SHARE = 0.7;

const simpleEndpoint = ({ WEBHOOK_URL: url, WEBHOOK_SECRET: secret }: SinkWebhookConfig): Endpoint[] => {
  if (url === undefined) return [];
  const origin = { source: 'WEBHOOK_URL, WEBHOOK_SECRET', place: 'the endpoint' };
  return [parseEndpoint({ name: 'default', url, secret }, origin)];
};

const endpointsOf = (config: SinkWebhookConfig, transport: RedisTransport, log: Logger): Endpoints => {
  const sources = {
    file: config.ENDPOINTS_FILE === undefined ? undefined : new WatchedFile(config.ENDPOINTS_FILE),
    environment: simpleEndpoint(config),
    store: new EndpointStore(transport, endpointsKind(readVariable)),
    orders: new Orders(transport),
  };
  return new Endpoints(sources, config.TOPICS, log);
};

const deliveriesOf = (
  config: SinkWebhookConfig,
  transport: RedisTransport,
  log: Logger,
  health: Health,
  metrics: Metrics,
  tracing: Tracing,
): Deliveries => {
  const factory = new DeliveryFactory(config, transport, health, log, HOP, metrics, tracing);
  const graceMs = config.SHUTDOWN_TIMEOUT * GRACE_SHARE;
  return new Deliveries(transport, log, {
    isOrdered: config.ORDER === 'fifo',
    hop: HOP,
    make: factory.make,
    onGone: factory.forget,
    graceMs,
    onStopped: () => {
      factory.notices.stop();
      return factory.attempts.flush();
    },
  });
};

const queuesOf = (
  config: SinkWebhookConfig,
  transport: RedisTransport,
  log: Logger,
  metrics: Metrics,
): QueueRetention => {
  const bounds = {
    maxLength: config.ENDPOINT_QUEUE_MAX_LENGTH,
    maxBytes: config.ENDPOINT_QUEUE_MAX_BYTES,
    maxAgeMs: config.ENDPOINT_QUEUE_MAX_AGE,
    memoryReserve: config.MEMORY_RESERVE,
  };
  return new QueueRetention(transport, log, metrics, bounds);
};

/** Sends topics to webhook endpoints: dispatches to a stream for each endpoint, and delivers each of them. */
@SinkModule({
  hop: HOP,
  config: SinkWebhookConfig,
  sink: EndpointDispatch,
  timeOut: ({ REQUEST_TIMEOUT }) => ({ name: 'REQUEST_TIMEOUT', ms: REQUEST_TIMEOUT }),
  providers: [
    { provide: Endpoints, useFactory: endpointsOf, inject: [SinkWebhookConfig, RedisTransport, LOGGER] },
    {
      provide: Deliveries,
      useFactory: deliveriesOf,
      inject: [SinkWebhookConfig, RedisTransport, LOGGER, Health, Metrics, TRACING],
    },
    {
      provide: QueueRetention,
      useFactory: queuesOf,
      inject: [SinkWebhookConfig, RedisTransport, LOGGER, Metrics],
    },
    {
      provide: WebhookService,
      useFactory: (endpoints: Endpoints, deliveries: Deliveries, queues: QueueRetention) =>
        new WebhookService(endpoints, deliveries, queues),
      inject: [Endpoints, Deliveries, QueueRetention],
    },
  ],
  prepare: (app) => app.get(WebhookService).start(),
})
export class SinkWebhookModule {}
