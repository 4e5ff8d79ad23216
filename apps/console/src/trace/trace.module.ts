import { Module } from '@nestjs/common';
import { ObservationModule } from '../observation/observation.module.js';
import { ReplaysModule } from '../replays/replays.module.js';
import { RoutesModule } from '../routes/routes.module.js';
import { TopicsModule } from '../topics/topics.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { DeliveryFinder } from './delivery-finder.js';
import { EventFinder } from './event-finder.js';
import { EventSearch } from './event-search.js';
import { Reroutings } from './routed-again.js';
import { TraceController } from './trace.controller.js';
import { Traces } from './traces.js';

/** The way of one event. */
@Module({
  imports: [ObservationModule, ReplaysModule, RoutesModule, TopicsModule, WebhooksModule],
  controllers: [TraceController],
  providers: [DeliveryFinder, EventFinder, EventSearch, Reroutings, Traces],
})
export class TraceModule {}
