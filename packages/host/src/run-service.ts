import { RedisTransport } from '@millrace/streams/redis';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BaseConfig } from './base-config.js';
import { ConfigError, describeConfig, loadConfig } from './config.js';
import { Health } from './health.js';
import { HostModule, LOGGER } from './host.module.js';
import { addressOf, isOpen } from './http/address.js';
import { ProblemFilter } from './http/problem.filter.js';
import { type Logger, NestLog } from './logging.js';
import { watchRedis } from './watch-redis.js';

export interface ServiceOptions<C extends BaseConfig> {
  /** Name of the process: `router`, `sink-postgres`. */
  readonly hop: string;
  readonly config: new () => C;
  readonly module: (config: C) => Type | DynamicModule;
  readonly adapter?: (config: C) => FastifyAdapter;
  /** False where the process parses bodies by itself. Default true. */
  readonly bodyParser?: boolean;
  /** The consumers of the process, started once it listens. */
  readonly microservices?: (app: INestApplication) => CustomStrategy[];
  /** The last word before it listens. What it throws is one line on standard error, and the process ends. */
  readonly prepare?: (app: NestFastifyApplication, config: C) => void | Promise<void>;
}

/** Exit codes as sysexits has them. */
const EX_CONFIG = 78;
const EX_UNAVAILABLE = 69;

const fail = (message: string, code: number): never => {
  process.stderr.write(`${message}\n`);
  process.exit(code);
};

const configOf = <C extends BaseConfig>(type: new () => C, hop: string): C => {
  try {
    const config = loadConfig(type);
    addressOf(config);
    return config;
  } catch (error) {
    if (error instanceof ConfigError) return fail(`${hop}: ${error.message}`, EX_CONFIG);
    throw error;
  }
};

/**
 * Runs a process: reads its configuration, builds the Nest application, looks at Redis, starts its consumers, listens,
 * and stops cleanly at SIGTERM or SIGINT with exit code 0. A bad variable, a taken port or a Redis that cannot keep the
 * promises is one line on standard error and an exit code other than 0.
 */
export const runService = async <C extends BaseConfig>(options: ServiceOptions<C>): Promise<void> => {
  const config = configOf(options.config, options.hop);
  const host = HostModule.forRoot(options.hop, config);
  const root: DynamicModule = { module: class ServiceModule {}, imports: [host, options.module(config)] };
  const adapter = options.adapter?.(config) ?? new FastifyAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bufferLogs: true,
    // Or a failure here would be told by Nest too, as a stack, before the one line.
    autoFlushLogs: false,
    abortOnError: false,
    bodyParser: options.bodyParser ?? true,
  }).catch((error: Error) => fail(`${options.hop}: ${error.message}`, EX_CONFIG));
  const log = app.get<Logger>(LOGGER);
  app.useLogger(new NestLog(log));
  app.flushLogs();
  app.useGlobalFilters(new ProblemFilter(log));
  log.debug(describeConfig(config), 'configuration');

  const transport = app.get(RedisTransport);
  const stop = stopper(app, transport, log, config.SHUTDOWN_TIMEOUT);
  const unwatch = watchRedis(transport, app.get(Health), log, (error) => {
    log.fatal(error.message);
    void stop(EX_UNAVAILABLE);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      unwatch();
      log.info(`${signal}: stopping`);
      void stop(0);
    });
  }
  await prepare(options, app, config);
  for (const strategy of options.microservices?.(app) ?? []) app.connectMicroservice(strategy);
  await app.startAllMicroservices();
  await listen(app, options.hop, config);
  log.info(`listening on ${await app.getUrl()}`);
  if (isOpen(config)) log.warn('API_KEYS is not set: whoever reaches this address may use it');
};

const prepare = async <C extends BaseConfig>(
  options: ServiceOptions<C>,
  app: NestFastifyApplication,
  config: C,
): Promise<void> => {
  try {
    await options.prepare?.(app, config);
  } catch (error) {
    app.get<Logger>(LOGGER).debug({ err: error }, 'cannot start');
    fail(`${options.hop}: ${(error as Error).message}`, EX_CONFIG);
  }
};

const listen = async <C extends BaseConfig>(app: NestFastifyApplication, hop: string, config: C): Promise<void> => {
  const address = addressOf(config);
  try {
    await app.listen(config.PORT, address);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') fail(`${hop}: PORT: ${config.PORT} on ${address} is taken`, EX_CONFIG);
    if (code === 'EADDRNOTAVAIL') fail(`${hop}: HOST: ${address} is no address of this machine`, EX_CONFIG);
    throw error;
  }
};

/** Stops once: consumers first, so that what is in hand is settled or handed back; to a deadline. */
const stopper = (
  app: INestApplication,
  transport: RedisTransport,
  log: Logger,
  timeoutMs: number,
): ((code: number) => Promise<void>) => {
  let stopping = false;
  return async (code) => {
    if (stopping) return;
    stopping = true;
    const overdue = setTimeout(() => {
      log.warn(`not done after ${timeoutMs} ms; handing back what is in hand`);
      void transport.close().finally(() => process.exit(code));
    }, timeoutMs);
    try {
      await app.close();
    } catch (error) {
      log.error({ err: error }, 'while stopping');
    }
    await transport.close();
    clearTimeout(overdue);
    log.info('stopped');
    log.flush();
    process.exit(code);
  };
};
