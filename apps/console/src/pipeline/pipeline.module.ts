import { Module } from '@nestjs/common';
import { DeadLettersModule } from '../dead-letters/dead-letters.module.js';
import { ObservationModule } from '../observation/observation.module.js';
import { ReplaysModule } from '../replays/replays.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { Live } from './live.js';
import { PipelineController } from './pipeline.controller.js';

/** The pipeline as a whole, also as it goes on. */
@Module({
  imports: [DeadLettersModule, ObservationModule, ReplaysModule, WebhooksModule],
  controllers: [PipelineController],
  providers: [Live],
})
export class PipelineModule {}
