import { ApiKeys } from '@millrace/host';
import { Module } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { ConsoleConfig } from './console-config.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { Redrives } from './dead-letters/redrives.js';
import { LiveController } from './live.controller.js';
import { Live } from './live.js';
import { Observer } from './observer.js';
import { PageController } from './page.controller.js';
import { ManagedRoutes } from './routes/managed-routes.js';
import { RoutesController } from './routes/routes.controller.js';
import { Shadows } from './routes/shadows.js';
import { SchemasController } from './schemas/schemas.controller.js';
import { SeriesController } from './series/series.controller.js';
import { StreamMetrics } from './stream-metrics.js';
import { TopicEvents } from './topic-events.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { Webhooks } from './webhooks/webhooks.js';

/** The admin API, and the page that shows it. */
@Module({
  controllers: [
    AdminController,
    DeadLettersController,
    LiveController,
    RoutesController,
    SchemasController,
    WebhooksController,
    SeriesController,
    PageController,
  ],
  providers: [
    { provide: ApiKeys, inject: [ConsoleConfig], useFactory: (config: ConsoleConfig) => new ApiKeys(config.API_KEYS) },
    Observer,
    StreamMetrics,
    DeadLetters,
    Redrives,
    TopicEvents,
    ManagedRoutes,
    Shadows,
    Webhooks,
    Live,
  ],
})
export class ConsoleModule {}
