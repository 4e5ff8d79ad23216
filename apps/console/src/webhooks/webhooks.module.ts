import { Module } from '@nestjs/common';
import { EndpointFilters } from './endpoint-filters.js';
import { WebhooksController } from './webhooks.controller.js';
import { Webhooks } from './webhooks.js';

/** The endpoints of the webhook sink. */
@Module({
  controllers: [WebhooksController],
  providers: [EndpointFilters, Webhooks],
  exports: [EndpointFilters, Webhooks],
})
export class WebhooksModule {}
