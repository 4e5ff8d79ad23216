import { LOGGER, type Logger, Metrics, WatchedFile } from '@millrace/host';
import { SchemaStore } from '@millrace/schemas';
import { RedisTransport } from '@millrace/streams/redis';
import { type DynamicModule, Module } from '@nestjs/common';
import { Admission } from './admission/admission.js';
import { EventsController } from './events/events.controller.js';
import { Intake } from './events/intake.js';
import { durabilityOf, GatewayConfig } from './gateway-config.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { IngestModule } from './ingest/ingest.module.js';
import { Schemas } from './schemas/schemas.js';
import { SharedModule } from './shared.module.js';

/** Whoever waits for the disk waits for many at once. */
const DURABLE_FLUSH_EVENTS = 5000;

/** The gateway: what comes in over HTTP is validated, deduplicated and appended. */
@Module({
  imports: [SharedModule],
  controllers: [EventsController],
  providers: [
    Admission,
    GatewayMetrics,
    {
      provide: Schemas,
      inject: [RedisTransport, GatewayConfig, LOGGER, Metrics],
      useFactory: (transport: RedisTransport, { SCHEMAS_FILE }: GatewayConfig, log: Logger, metrics: Metrics) => {
        const file = SCHEMAS_FILE === undefined ? undefined : new WatchedFile(SCHEMAS_FILE);
        return new Schemas(file, new SchemaStore(transport), log, metrics);
      },
    },
    {
      provide: Intake,
      inject: [RedisTransport, GatewayConfig, Schemas],
      useFactory: (transport: RedisTransport, config: GatewayConfig, schemas: Schemas) =>
        new Intake(
          transport.producerWith(
            { windowMs: config.DEDUP_WINDOW, maxEntries: config.DEDUP_MAX_ENTRIES },
            durabilityOf(config),
          ),
          transport.partitions,
          schemas,
          config.DEDUP_WINDOW > 0,
          config.DURABILITY === 'always' ? DURABLE_FLUSH_EVENTS : undefined,
        ),
    },
  ],
})
export class GatewayModule {
  /** With the measurements API where the configuration asks for it. */
  static of({ INGEST_API }: GatewayConfig): DynamicModule {
    return { module: GatewayModule, imports: INGEST_API === 'on' ? [IngestModule] : [] };
  }
}
