import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { ObservationModule } from '../observation/observation.module.js';
import { TopicsModule } from '../topics/topics.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { ReplayStore } from './replay-store.js';
import { ReplaysController } from './replays.controller.js';
import { Replays } from './replays.js';

/** The replays. */
@Module({
  imports: [JobsModule, ObservationModule, TopicsModule, WebhooksModule],
  controllers: [ReplaysController],
  providers: [Replays, ReplayStore],
  exports: [Replays, ReplayStore],
})
export class ReplaysModule {}
