import { AttemptLog, type Endpoint, EndpointStates, groupOf, streamOf } from '@millrace/endpoints';
import { consumerOptions, type Health, type Logger, type Metrics, type Report, type Tracing } from '@millrace/host';
import { deliveryReports } from '@millrace/sink';
import type { Consumer } from '@millrace/streams';
import { monotonicMs } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import { AddressGuard } from '../http/address-guard.js';
import { EndpointClient } from '../http/endpoint-client.js';
import type { SinkWebhookConfig } from '../sink-webhook-config.js';
import { Breaker } from './breaker.js';
import type { RoundOptions } from './delivery-round.js';
import { EndpointDelivery } from './endpoint-delivery.js';
import { EndpointNotices } from './endpoint-notices.js';
import { EndpointStatus } from './endpoint-status.js';
import { EndpointSupervisor } from './endpoint-supervisor.js';
import { Rate } from './rate.js';

/** What finished within this time is settled together, up to so many. */
const GATHER_MS = 20;
const GATHER_MOST = 100;
const BREAKER_FIRST_MS = 10_000;
const BREAKER_LONGEST_MS = 600_000;

/** Makes the delivery of an endpoint from the process's configuration. */
export class DeliveryFactory {
  private readonly reports: readonly Report[];
  private readonly seconds;
  private readonly guard: AddressGuard;
  private readonly states: EndpointStates;
  readonly attempts: AttemptLog;
  readonly notices: EndpointNotices;
  private readonly breakers = new Map<string, Breaker>();

  constructor(
    private readonly config: SinkWebhookConfig,
    private readonly transport: RedisTransport,
    private readonly health: Health,
    private readonly log: Logger,
    private readonly hop: string,
    metrics: Metrics,
    private readonly tracing: Tracing,
  ) {
    this.reports = deliveryReports(hop, log, metrics, transport);
    this.guard = new AddressGuard(config.ALLOW_NETWORKS);
    this.states = new EndpointStates(transport);
    this.attempts = new AttemptLog(transport);
    this.notices = new EndpointNotices(transport, hop);
    this.seconds = metrics.histogram('millrace_webhook_seconds', 'Duration of one request to an endpoint', [
      'endpoint',
    ]);
    metrics.collect(
      'millrace_webhook_breaker_open',
      '1 while deliveries to the endpoint are paused',
      ['endpoint'],
      () =>
        [...this.breakers].map(([endpoint, breaker]) => [{ endpoint }, Number(breaker.openForMs(monotonicMs()) > 0)]),
    );
  }

  readonly make = (endpoint: Endpoint): EndpointDelivery => {
    const { name } = endpoint;
    const status = new EndpointStatus(name, this.health, this.log);
    const { CONCURRENCY, REQUEST_TIMEOUT, BREAKER_AFTER } = this.config;
    const breaker = new Breaker({ after: BREAKER_AFTER, firstMs: BREAKER_FIRST_MS, longestMs: BREAKER_LONGEST_MS });
    this.breakers.set(name, breaker);
    return new EndpointDelivery({
      partitions: this.transport.partitions,
      consumer: (partition) => this.consumerOf(name, partition),
      client: new EndpointClient(endpoint, {
        connections: CONCURRENCY,
        timeoutMs: endpoint.timeoutMs ?? REQUEST_TIMEOUT,
        guard: this.guard,
        onAttempt: (attempt) => this.attempts.add(name, attempt),
      }),
      status,
      supervisor: this.supervisorOf(name),
      breaker,
      rate: new Rate(endpoint.perSecond),
      round: this.roundOf(name, status),
      onSent: (seconds) => this.seconds.observe({ endpoint: name }, seconds),
    });
  };

  /** Forgets the numbers of an endpoint that is gone, so that there are never more than there are endpoints. */
  readonly forget = (endpoint: string): void => {
    this.seconds.remove({ endpoint });
    this.breakers.delete(endpoint);
    new EndpointStatus(endpoint, this.health, this.log).forget();
  };

  private supervisorOf(endpoint: string): EndpointSupervisor {
    return new EndpointSupervisor({
      endpoint,
      states: this.states,
      offAfterMs: this.config.ENDPOINT_OFF_AFTER,
      notify: (notice) => this.notices.off(endpoint, notice),
      log: this.log,
    });
  }

  private roundOf(name: string, status: EndpointStatus): Omit<RoundOptions, 'send'> {
    const reading = { group: groupOf(name), stream: streamOf(name) };
    return {
      trace: (delivery) => this.tracing.batch([delivery], reading),
      concurrency: this.config.CONCURRENCY,
      waitMs: GATHER_MS,
      atMost: GATHER_MOST,
      onSettled: (deliveries, settlement, outcomes) => {
        // By endpoint: the topic that an event came from says nothing of who is slow.
        const settled = { deliveries, settlement, outcomes, label: streamOf(name) };
        for (const report of this.reports) report(settled);
      },
      onFailure: (_, error) => status.failed(error),
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
