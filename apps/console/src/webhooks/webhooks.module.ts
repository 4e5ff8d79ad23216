import { Module } from '@nestjs/common';
import { EndpointFilters } from './endpoint-filters.js';
import { Endpoints } from './endpoints.js';
import { WebhooksController } from './webhooks.controller.js';

/** The endpoints of the webhook sink. */
@Module({
  controllers: [WebhooksController],
  providers: [EndpointFilters, Endpoints],
  exports: [EndpointFilters, Endpoints],
})
export class WebhooksModule {}
