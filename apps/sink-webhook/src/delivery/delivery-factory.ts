import { consumerOptions, type Health, type Logger, type Metrics } from '@millrace/host';
import { DeliveryReport } from '@millrace/sink';
import type { Consumer } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import { type Endpoint, groupOf, streamOf } from '../endpoints/endpoint.js';
import type { SinkWebhookConfig } from '../sink-webhook-config.js';
import type { RoundOptions } from './delivery-round.js';
import { EndpointClient } from './endpoint-client.js';
import { EndpointDelivery } from './endpoint-delivery.js';
import { EndpointStatus } from './endpoint-status.js';

/** What finished within this time is settled together, up to so many. */
const GATHER_MS = 20;
const GATHER_MOST = 100;

/** Makes the delivery of an endpoint from the process's configuration. */
export class DeliveryFactory {
  private readonly report: DeliveryReport;
  private readonly seconds;

  constructor(
    private readonly config: SinkWebhookConfig,
    private readonly transport: RedisTransport,
    private readonly health: Health,
    private readonly log: Logger,
    private readonly hop: string,
    metrics: Metrics,
  ) {
    this.report = new DeliveryReport(hop, log, metrics);
    this.seconds = metrics.histogram('millrace_webhook_seconds', 'Duration of one request to an endpoint', [
      'endpoint',
    ]);
  }

  readonly make = (endpoint: Endpoint): EndpointDelivery => {
    const { name } = endpoint;
    const status = new EndpointStatus(name, this.health, this.log);
    const { CONCURRENCY, REQUEST_TIMEOUT, PARTITIONS } = this.config;
    return new EndpointDelivery({
      consumers: () => Array.from({ length: PARTITIONS }, (_, partition) => this.consumerOf(name, partition)),
      client: new EndpointClient(endpoint, {
        connections: CONCURRENCY,
        timeoutMs: endpoint.timeoutMs ?? REQUEST_TIMEOUT,
      }),
      status,
      round: this.roundOf(name, status),
      onSent: (seconds) => this.seconds.observe({ endpoint: name }, seconds),
    });
  };

  /** Forgets the numbers of an endpoint that is gone, so that there are never more than there are endpoints. */
  readonly forget = (endpoint: string): void => {
    this.seconds.remove({ endpoint });
    new EndpointStatus(endpoint, this.health, this.log).forget();
  };

  private roundOf(name: string, status: EndpointStatus): Omit<RoundOptions, 'send'> {
    return {
      concurrency: this.config.CONCURRENCY,
      waitMs: GATHER_MS,
      atMost: GATHER_MOST,
      // By endpoint: the topic that an event came from says nothing of who is slow.
      onSettled: (...settled) => this.report.add(...settled, streamOf(name)),
      onFailure: ({ position, attempt }, error) => {
        this.log.debug({ endpoint: name, position, attempt }, `not delivered: ${error.message}`);
        status.failed(error);
      },
    };
  }

  private consumerOf(name: string, partition: number): Consumer {
    const { config } = this;
    return this.transport.consumer({
      partition,
      hop: this.hop,
      group: groupOf(name),
      streams: () => [streamOf(name)],
      order: config.ORDER === 'fifo' ? 'key' : 'none',
      ...consumerOptions(config),
    });
  }
}
