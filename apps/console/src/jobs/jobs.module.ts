import { Module } from '@nestjs/common';
import { ObservationModule } from '../observation/observation.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { Targets } from './targets.js';

/** What jobs know of the groups that they send to. */
@Module({ imports: [ObservationModule, WebhooksModule], providers: [Targets], exports: [Targets] })
export class JobsModule {}
