import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AuditModule } from './audit/audit.module.js';
import type { ConsoleConfig } from './console-config.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { KeysModule } from './keys/keys.module.js';
import { LabModule } from './lab/lab.module.js';
import { LogsModule } from './logs/logs.module.js';
import { PartitionsModule } from './partitions/partitions.module.js';
import { PipelineModule } from './pipeline/pipeline.module.js';
import { ReplaysModule } from './replays/replays.module.js';
import { RoutesModule } from './routes/routes.module.js';
import { SchemasModule } from './schemas/schemas.module.js';
import { SeriesModule } from './series/series.module.js';
import { SharedModule } from './shared.module.js';
import { SinksModule } from './sinks/sinks.module.js';
import { TopicsModule } from './topics/topics.module.js';
import { TraceModule } from './trace/trace.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

const AREAS = [
  AccessModule,
  AuditModule,
  DeadLettersModule,
  KeysModule,
  LogsModule,
  PartitionsModule,
  PipelineModule,
  ReplaysModule,
  RoutesModule,
  SchemasModule,
  SeriesModule,
  SinksModule,
  TopicsModule,
  TraceModule,
  WebhooksModule,
];

/** The admin API, and the page that shows it. */
@Module({ imports: [SharedModule, ...AREAS] })
export class ConsoleModule {
  /** With the lab where the configuration asks for it. */
  static of({ LAB }: ConsoleConfig): DynamicModule {
    return { module: ConsoleModule, imports: LAB === 'on' ? [LabModule] : [] };
  }
}
