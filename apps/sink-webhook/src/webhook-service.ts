import type { OnModuleDestroy } from '@nestjs/common';
import type { Deliveries } from './delivery/deliveries.js';
import type { QueueRetention } from './delivery/queue-retention.js';
import type { Endpoints } from './endpoints/endpoints.js';

/** The endpoints and their deliveries, from the start of the process to its stop. */
export class WebhookService implements OnModuleDestroy {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly deliveries: Deliveries,
    private readonly queues: QueueRetention,
  ) {}

  /** Throws an `EndpointError` where the file or the environment names what is no endpoint. */
  async start(): Promise<void> {
    await this.endpoints.start((table, retry) => this.deliveries.follow(table, retry));
    this.queues.start();
  }

  /** Nest calls it before it stops the dispatch, whose copies stay in the endpoints' streams. */
  async onModuleDestroy(): Promise<void> {
    void this.endpoints.stop();
    void this.queues.stop();
    await this.deliveries.stop();
  }
}
