import { Module } from '@nestjs/common';
import { EndpointFilters } from './endpoint-filters.js';
import { ManagedEndpoints } from './managed-endpoints.js';
import { WebhooksController } from './webhooks.controller.js';

/** The endpoints of the webhook sink. */
@Module({
  controllers: [WebhooksController],
  providers: [EndpointFilters, ManagedEndpoints],
  exports: [EndpointFilters, ManagedEndpoints],
})
export class WebhooksModule {}
