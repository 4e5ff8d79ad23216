import type { OnModuleDestroy } from '@nestjs/common';
import type { Deliveries } from './delivery/deliveries.js';
import type { Endpoints } from './endpoints/endpoints.js';

/** The endpoints and their deliveries, from the start of the process to its stop. */
export class Webhooks implements OnModuleDestroy {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly deliveries: Deliveries,
  ) {}

  /** Throws an `EndpointError` where the file or the environment names what is no endpoint. */
  async start(): Promise<void> {
    await this.endpoints.start((table) => this.deliveries.follow(table));
  }

  /** Nest calls it before it stops the dispatch, whose copies stay in the endpoints' streams. */
  async onModuleDestroy(): Promise<void> {
    this.endpoints.stop();
    await this.deliveries.stop();
  }
}
