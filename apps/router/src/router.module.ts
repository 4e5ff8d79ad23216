import { consumerOptions, Health, LOGGER, type Logger, Metrics, WatchedFile } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { Decisions, RouteStore, Transformer } from '@millrace/routes';
import { INBOX } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { StreamServer } from '@millrace/streams-nest';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { LeftoverRetention } from './leftover-retention.js';
import { Retention } from './retention.js';
import { RouterController } from './router.controller.js';
import { RouterConfig } from './router-config.js';
import { Routes } from './routes/routes.js';
import { Upkeep } from './upkeep.js';

const routesOf = (config: RouterConfig, transport: RedisTransport, log: Logger): Routes => {
  const file = config.ROUTES_FILE === undefined ? undefined : new WatchedFile(config.ROUTES_FILE);
  if (file === undefined) log.warn('ROUTES_FILE is not set: routes come from Redis alone');
  return new Routes(file, new RouteStore(transport), transport, log, config.GROUP);
};

const serverOf = (config: RouterConfig, transport: RedisTransport, log: Logger, health: Health): StreamServer =>
  new StreamServer({
    transport,
    hop: 'router',
    group: config.GROUP,
    streams: () => [INBOX],
    partitions: transport.partitions,
    // Two routers on a partition would mix up the order of its topics; the second one stands by.
    order: 'stream',
    ...consumerOptions(config),
    hooks: {
      onUnavailable: (error) => {
        health.down('redis', error.message);
        log.warn(`target unavailable; retrying: ${error.message}`);
      },
      onAvailable: () => health.up('redis'),
      onError: (error) => log.error({ err: error }, 'batch failed'),
    },
  });

/** The router: what comes in goes to the topics of the routes that match it. */
@Module({
  controllers: [RouterController],
  providers: [
    {
      provide: Operations,
      useFactory: (transport: RedisTransport) => new Operations(transport),
      inject: [RedisTransport],
    },
    { provide: Routes, useFactory: routesOf, inject: [RouterConfig, RedisTransport, LOGGER] },
    {
      provide: Retention,
      useFactory: (config: RouterConfig, transport: RedisTransport, log: Logger, metrics: Metrics) =>
        new Retention(config, transport, log, metrics),
      inject: [RouterConfig, RedisTransport, LOGGER, Metrics],
    },
    {
      provide: LeftoverRetention,
      useFactory: (
        config: RouterConfig,
        transport: RedisTransport,
        operations: Operations,
        log: Logger,
        metrics: Metrics,
      ) => new LeftoverRetention(config, transport, operations, log, metrics),
      inject: [RouterConfig, RedisTransport, Operations, LOGGER, Metrics],
    },
    {
      provide: Upkeep,
      useFactory: (operations: Operations, log: Logger) => new Upkeep(operations, log),
      inject: [Operations, LOGGER],
    },
    {
      provide: Transformer,
      useFactory: ({ TRANSFORM_TIMEOUT, TRANSFORM_MEMORY_MB, EVENT_MAX_BYTES }: RouterConfig) =>
        new Transformer({
          timeoutMs: TRANSFORM_TIMEOUT,
          memoryMb: TRANSFORM_MEMORY_MB,
          maxBytes: EVENT_MAX_BYTES,
        }),
      inject: [RouterConfig],
    },
    {
      provide: Decisions,
      useFactory: (transport: RedisTransport) => new Decisions(transport),
      inject: [RedisTransport],
    },
    { provide: StreamServer, useFactory: serverOf, inject: [RouterConfig, RedisTransport, LOGGER, Health] },
  ],
})
export class RouterModule implements OnApplicationShutdown {
  constructor(@Inject(Transformer) private readonly transformer: Transformer) {}

  /** After the consumers have stopped: a batch in flight may still have to be transformed. */
  onApplicationShutdown(): void {
    this.transformer.close();
  }
}
