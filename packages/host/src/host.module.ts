import { RedisTransport } from '@millrace/streams/redis';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { type BaseConfig, TopicsConfig } from './config/base-config.js';
import { Health, HealthController } from './health.js';
import type { Logger } from './logging/logging.js';
import { Metrics, MetricsController } from './metrics/metrics.js';
import { redisTlsOf } from './tls/redis-tls.js';
import { TRACING, type Tracing } from './tracing/tracing.js';

/** Token of the process's pino logger: `@Inject(LOGGER) private readonly log: Logger`. */
export const LOGGER = Symbol('logger');

/** Token of the process's configuration, whatever its class. */
export const CONFIG = Symbol('config');

const transportOf = (config: BaseConfig, log: Logger, health: Health): RedisTransport => {
  let lastTold = Number.NEGATIVE_INFINITY;
  const tls = redisTlsOf(config);
  return new RedisTransport({
    url: config.REDIS_URL,
    keyPrefix: config.KEY_PREFIX,
    frameMaxEvents: config.FRAME_MAX_EVENTS,
    partitions: config.PARTITIONS,
    // A sink may be set up by somebody who knows nothing of partitions.
    storesPartitions: !(config instanceof TopicsConfig),
    ...(tls === undefined ? {} : { tls }),
    onNotice: (notice) => log.warn(notice),
    onError: (error) => {
      health.down('redis', error.message);
      // A lost connection is retried many times a second; once in five seconds says as much.
      if (performance.now() - lastTold < 5000) return;
      lastTold = performance.now();
      log.error({ err: error.message }, 'Redis connection error; retrying');
    },
  });
};

/** What is made before the modules are. */
export interface HostParts<C extends BaseConfig = BaseConfig> {
  /** Name of the process: `router`, `sink-postgres`. */
  readonly hop: string;
  readonly config: C;
  readonly log: Logger;
  readonly tracing: Tracing;
}

/** What every process has: its configuration, log, health, metrics, traces and transport, for all its modules to inject. */
@Global()
@Module({ controllers: [HealthController, MetricsController] })
export class HostModule {
  static forRoot({ hop, config, log, tracing }: HostParts): DynamicModule {
    return {
      module: HostModule,
      providers: [
        Health,
        { provide: Metrics, useFactory: () => new Metrics(hop) },
        { provide: LOGGER, useValue: log },
        { provide: TRACING, useValue: tracing },
        { provide: CONFIG, useValue: config },
        { provide: config.constructor as new () => BaseConfig, useExisting: CONFIG },
        {
          provide: RedisTransport,
          useFactory: (health: Health) => transportOf(config, log, health),
          inject: [Health],
        },
      ],
      exports: [Health, Metrics, LOGGER, TRACING, CONFIG, RedisTransport, config.constructor as new () => BaseConfig],
    };
  }
}
