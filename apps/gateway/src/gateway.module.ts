import { ApiKeys } from '@millrace/api-keys';
import { LOGGER, type Logger, Metrics, WatchedFile } from '@millrace/host';
import { SchemaStore } from '@millrace/schemas';
import { RedisTransport } from '@millrace/streams/redis';
import { type DynamicModule, Module } from '@nestjs/common';
import { Admission } from './admission/admission.js';
import { Backpressure } from './backpressure.js';
import { EventsController } from './events.controller.js';
import { durabilityOf, GatewayConfig } from './gateway-config.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { IngestController } from './ingest/ingest.controller.js';
import { IngestMetrics } from './ingest/ingest-metrics.js';
import { IngestStream } from './ingest/ingest-stream.js';
import { IngestWorker } from './ingest/ingest-worker.js';
import { Intake } from './intake.js';
import { RateLimits } from './rate-limits/rate-limits.js';
import { Schemas } from './schemas/schemas.js';

/** Whoever waits for the disk waits for many at once. */
const DURABLE_FLUSH_EVENTS = 5000;

/** The gateway: what comes in over HTTP is validated, deduplicated and appended. */
@Module({
  controllers: [EventsController],
  providers: [
    Admission,
    GatewayMetrics,
    IngestMetrics,
    IngestWorker,
    {
      provide: IngestStream,
      inject: [RedisTransport, GatewayConfig],
      useFactory: (transport: RedisTransport, config: GatewayConfig) => new IngestStream(transport, config),
    },
    {
      provide: ApiKeys,
      inject: [RedisTransport, LOGGER, GatewayConfig],
      useFactory: (transport: RedisTransport, log: Logger, { asksForKeys, API_KEYS = [] }: GatewayConfig) =>
        new ApiKeys(
          transport,
          log,
          asksForKeys,
          API_KEYS.map((key) => ({ key, scopes: ['publish'] })),
        ),
    },
    {
      provide: RateLimits,
      inject: [RedisTransport, GatewayConfig, Metrics],
      useFactory: ({ buckets }: RedisTransport, { RATE_LIMIT }: GatewayConfig, metrics: Metrics) =>
        new RateLimits(buckets, RATE_LIMIT, metrics),
    },
    {
      provide: Backpressure,
      inject: [RedisTransport, GatewayConfig],
      useFactory: (transport: RedisTransport, config: GatewayConfig) =>
        new Backpressure(transport, {
          group: config.ROUTER_GROUP,
          partitions: () => transport.partitions.count,
          maxLag: config.BACKPRESSURE_MAX_LAG,
          memoryReserve: config.MEMORY_RESERVE,
        }),
    },
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
  /** With the tutorial's API where the configuration asks for it. */
  static of({ INGEST_API }: GatewayConfig): DynamicModule {
    return { module: GatewayModule, controllers: INGEST_API === 'on' ? [IngestController] : [] };
  }
}
