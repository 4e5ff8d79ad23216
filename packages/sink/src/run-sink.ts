import {
  batchHandler,
  consumerOptions,
  contradictions,
  Health,
  LOGGER,
  type Logger,
  Metrics,
  reported,
  runService,
  type TopicsConfig,
  TRACING,
  type Tracing,
  traced,
} from '@millrace/host';
import { type Batch, topicOf } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { BatchHandler, StreamServer } from '@millrace/streams-nest';
import { Controller, type DynamicModule, type INestApplication, Inject, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { BATCH_TAKER, type BatchTaker } from './batch-taker.js';
import { Deliverer } from './deliverer.js';
import { deliveryReports, forwardReports } from './delivery-reports.js';
import { Forwarder } from './forwarder.js';
import type { ForwardingSink } from './forwarding-sink.js';
import type { Sink } from './sink.js';
import { definitionOf, type SinkDefinition } from './sink-module.js';
import { type GroupIdentity, Topics } from './topics.js';

const BATCH_HANDLER = Symbol('batch handler');

/** Takes batches for the sink. */
@Controller()
class SinkController {
  constructor(@Inject(BATCH_HANDLER) private readonly handle: (batch: Batch) => Promise<void>) {}

  @BatchHandler()
  async write(@Payload() batch: Batch): Promise<void> {
    await this.handle(batch);
  }
}

/** The name of the group: `GROUP`, or the name of the process where it was left alone. */
const groupOf = (config: TopicsConfig, hop: string): string => (config.GROUP === 'default' ? hop : config.GROUP);

/** What the sink is registered as. */
const identityOf = (config: TopicsConfig, hop: string): GroupIdentity => ({
  group: groupOf(config, hop),
  hop,
  isOrdered: config.ORDER === 'fifo',
});

/** The consumer of a sink app, from its configuration. */
const serverOf = (app: INestApplication, config: TopicsConfig, hop: string): StreamServer => {
  const transport = app.get(RedisTransport);
  const health = app.get(Health);
  const log = app.get<Logger>(LOGGER);
  const taker = app.get<BatchTaker>(BATCH_TAKER);
  const { needs } = taker;
  const isOrdered = config.ORDER === 'fifo';
  return new StreamServer({
    transport,
    hop,
    group: groupOf(config, hop),
    streams: isOrdered ? app.get(Topics).streams : without(app.get(Topics).streams, taker),
    partitions: transport.partitions,
    order: isOrdered ? 'key' : 'none',
    ...consumerOptions(config),
    hooks: {
      onUnavailable: (error) => {
        if (health.isUp(needs)) log.warn(`target unavailable; retrying: ${error.message}`);
        health.down(needs, error.message);
      },
      onAvailable: () => {
        health.up(needs);
        log.info(`${needs}: reachable again`);
      },
      onError: (error) => log.error({ err: error }, 'batch failed'),
    },
  });
};

/** The streams but for topics that are held; in order nothing is left out, for a new owner takes up all that is pending. */
const without = (streams: () => string[], taker: BatchTaker) => (): string[] =>
  streams().filter((name) => taker.holds?.(topicOf(name) ?? name) !== true);

/** The rest of the time that a stop may take is for releasing what is not written. */
const GRACE_SHARE = 0.8;

const takerOf = (
  sink: Sink | ForwardingSink,
  { hop, data, concurrency }: SinkDefinition,
  { SHUTDOWN_TIMEOUT }: TopicsConfig,
  log: Logger,
  health: Health,
  metrics: Metrics,
): BatchTaker => {
  if (!('write' in sink)) return new Forwarder(sink);
  return new Deliverer(sink, { hop, data, concurrency, graceMs: GRACE_SHARE * SHUTDOWN_TIMEOUT, log }, health, metrics);
};

const moduleOf = (app: Type, definition: SinkDefinition, config: TopicsConfig): DynamicModule => ({
  module: class SinkHostModule {},
  imports: [app],
  controllers: [SinkController],
  providers: [
    {
      provide: BATCH_TAKER,
      inject: [definition.sink, LOGGER, Health, Metrics],
      useFactory: (it: Sink | ForwardingSink, log: Logger, health: Health, metrics: Metrics) =>
        takerOf(it, definition, config, log, health, metrics),
    },
    {
      provide: BATCH_HANDLER,
      inject: [BATCH_TAKER, LOGGER, Metrics, TRACING, RedisTransport],
      useFactory: (taker: BatchTaker, log: Logger, metrics: Metrics, tracing: Tracing, transport: RedisTransport) => {
        const { hop } = definition;
        const reports =
          taker instanceof Forwarder
            ? forwardReports(hop, log, metrics)
            : deliveryReports(hop, log, metrics, transport);
        return batchHandler(taker.take, [traced(tracing, { group: groupOf(config, hop) }), reported(...reports)]);
      },
    },
    {
      provide: Topics,
      inject: [RedisTransport, LOGGER],
      useFactory: (transport: RedisTransport, log: Logger) =>
        new Topics(transport, config.TOPICS, identityOf(config, definition.hop), log),
    },
  ],
});

/** Runs a sink app: the module marked with `@SinkModule` as a process. */
export const runSink = async (app: Type): Promise<void> => {
  const definition = definitionOf(app);
  const { hop, config: configType, prepare, timeOut, examine } = definition;
  let config: TopicsConfig;
  await runService({
    hop,
    config: configType,
    module: (loaded) => {
      config = loaded;
      return moduleOf(app, definition, loaded);
    },
    examine: async (transport, loaded) => [
      ...contradictions(loaded, timeOut?.(loaded)),
      ...((await examine?.(transport, loaded)) ?? []),
    ],
    ...(prepare === undefined ? {} : { prepare }),
    microservices: (nest) => {
      nest.get(Topics).start();
      return [{ strategy: serverOf(nest, config, hop) }];
    },
  });
};
