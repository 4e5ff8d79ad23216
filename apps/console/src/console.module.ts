import { ApiKeys } from '@millrace/api-keys';
import { LOGGER, type Logger } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Access, environmentKeys } from './access/access.js';
import { MeController } from './access/me.controller.js';
import { AnswerTurns } from './answers/in-turn.js';
import { AuditController } from './audit/audit.controller.js';
import { ConsoleConfig } from './console-config.js';
import { ContractRequests } from './contract/contract-requests.js';
import { DeadLetterFinder } from './dead-letters/dead-letter-finder.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { LetterActions } from './dead-letters/letter-actions.js';
import { Redrives } from './dead-letters/redrives.js';
import { Targets } from './jobs/targets.js';
import { KeysController } from './keys/keys.controller.js';
import { LabController } from './lab/lab.controller.js';
import { Labs } from './lab/labs.js';
import { LogLevels } from './logs/log-levels.js';
import { LogsController } from './logs/logs.controller.js';
import { Observer } from './observation/observer.js';
import { StreamMetrics } from './observation/stream-metrics.js';
import { PartitionsController } from './partitions/partitions.controller.js';
import { Live } from './pipeline/live.js';
import { PipelineController } from './pipeline/pipeline.controller.js';
import { ReplayStore } from './replays/replay-store.js';
import { ReplaysController } from './replays/replays.controller.js';
import { Replays } from './replays/replays.js';
import { ManagedRoutes } from './routes/managed-routes.js';
import { RoutesController } from './routes/routes.controller.js';
import { Shadows } from './routes/shadows.js';
import { SchemasController } from './schemas/schemas.controller.js';
import { SeriesController } from './series/series.controller.js';
import { StoredSeries } from './series/stored-series.js';
import { SinksController } from './sinks/sinks.controller.js';
import { Sinks } from './sinks/sinks.js';
import { TopicEvents } from './topics/topic-events.js';
import { TopicTail } from './topics/topic-tail.js';
import { TopicViews } from './topics/topic-view.js';
import { TopicsController } from './topics/topics.controller.js';
import { DeliveryFinder } from './trace/delivery-finder.js';
import { EventFinder } from './trace/event-finder.js';
import { EventSearch } from './trace/event-search.js';
import { Reroutings } from './trace/routed-again.js';
import { TraceController } from './trace/trace.controller.js';
import { Traces } from './trace/traces.js';
import { EndpointFilters } from './webhooks/endpoint-filters.js';
import { ManagedEndpoints } from './webhooks/managed-endpoints.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** The admin API, and the page that shows it. */
@Module({
  controllers: [
    AuditController,
    DeadLettersController,
    KeysController,
    LogsController,
    MeController,
    PartitionsController,
    PipelineController,
    ReplaysController,
    RoutesController,
    SchemasController,
    SeriesController,
    SinksController,
    TopicsController,
    TraceController,
    WebhooksController,
  ],
  providers: [
    {
      provide: ApiKeys,
      inject: [RedisTransport, LOGGER, ConsoleConfig],
      useFactory: (transport: RedisTransport, log: Logger, config: ConsoleConfig) =>
        new ApiKeys(transport, log, config.asksForKeys, environmentKeys(config)),
    },
    {
      provide: Operations,
      inject: [RedisTransport],
      useFactory: (transport: RedisTransport) => new Operations(transport),
    },
    { provide: APP_INTERCEPTOR, useClass: ContractRequests },
    Access,
    AnswerTurns,
    DeadLetterFinder,
    DeliveryFinder,
    EndpointFilters,
    EventFinder,
    EventSearch,
    LetterActions,
    Live,
    LogLevels,
    ManagedEndpoints,
    ManagedRoutes,
    Observer,
    Redrives,
    ReplayStore,
    Replays,
    Reroutings,
    Shadows,
    Sinks,
    StoredSeries,
    StreamMetrics,
    Targets,
    TopicEvents,
    TopicTail,
    TopicViews,
    Traces,
  ],
})
export class ConsoleModule {
  /** With the lab where the configuration asks for it. */
  static of({ LAB }: ConsoleConfig): DynamicModule {
    return { module: ConsoleModule, ...(LAB === 'on' ? { controllers: [LabController], providers: [Labs] } : {}) };
  }
}
