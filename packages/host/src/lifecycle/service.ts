import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { PeriodicTask } from '@millrace/streams';
import { type Finding, RedisTransport } from '@millrace/streams/redis';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BaseConfig } from '../config/base-config.js';
import { ConfigError, describeConfig } from '../config/config.js';
import { Health } from '../health.js';
import { HostModule, LOGGER } from '../host.module.js';
import { addressOf, isOpen } from '../http/address.js';
import { limitsOf, type ServerOptions } from '../http/limits.js';
import { listenForProbes, Scrapes } from '../http/probes.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { followLogLevel } from '../logging/log-level.js';
import { createLogger, type Logger, NestLog } from '../logging/logging.js';
import { HttpTls } from '../tls/http-tls.js';
import { openTracing } from '../tracing/open-tracing.js';
import { TRACING, type Tracing } from '../tracing/tracing.js';
import { VERSION } from '../version.js';
import { releaseMemoryWhenIdle } from './idle-memory.js';
import { type RefusedRedis, watchRedis } from './watch-redis.js';

/** What a service is made of. */
export interface ServiceOptions<C extends BaseConfig> {
  /** Name of the process: `router`, `sink-postgres`. */
  readonly hop: string;
  readonly config: new () => C;
  readonly module: (config: C) => Type | DynamicModule;
  /** What its HTTP server does otherwise than others. */
  readonly server?: (config: C) => ServerOptions;
  /** What matters to this process alone of the Redis it starts on, beside what matters to all. */
  readonly examine?: (transport: RedisTransport, config: C) => Promise<readonly Finding[]>;
  /** False where the process parses bodies by itself. Default true. */
  readonly bodyParser?: boolean;
  /** The consumers of the process, started before it listens. */
  readonly microservices?: (app: INestApplication) => CustomStrategy[];
  /** The last word before it listens. What it throws keeps the service from starting. */
  readonly prepare?: (app: NestFastifyApplication, config: C) => void | Promise<void>;
}

/** A service that was built: `start` it, `close` it. */
export class Service<C extends BaseConfig> {
  private readonly tasks: PeriodicTask[] = [];
  private probes: Server | undefined;

  private constructor(
    private readonly options: ServiceOptions<C>,
    readonly config: C,
    readonly app: NestFastifyApplication,
    private readonly tls: HttpTls | undefined,
  ) {}

  /** Builds the Nest application; nothing runs yet. Rejects where one of its parts cannot be made. */
  static async create<C extends BaseConfig>(options: ServiceOptions<C>, config: C): Promise<Service<C>> {
    const { hop } = options;
    const log = createLogger({ hop, level: config.LOG_LEVEL, format: config.LOG_FORMAT });
    const tracing = await openTracing(hop, config, log);
    const host = HostModule.forRoot({ hop, config, log, tracing });
    const root: DynamicModule = { module: class ServiceModule {}, imports: [host, options.module(config)] };
    const tls = HttpTls.of(config);
    const limits = limitsOf(config);
    const adapter = new FastifyAdapter({
      ...limits,
      ...options.server?.(config),
      ...(tls === undefined ? {} : { https: { ...limits.http, ...tls.options } }),
    } as ServerOptions);
    const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
      bufferLogs: true,
      // Or a failure here would be told by Nest too, as a stack, before the one line.
      autoFlushLogs: false,
      abortOnError: false,
      bodyParser: options.bodyParser ?? true,
    });
    const service = new Service(options, config, app, tls);
    app.useLogger(new NestLog(service.log));
    app.flushLogs();
    app.useGlobalFilters(new ProblemFilter(service.log));
    return service;
  }

  get log(): Logger {
    return this.app.get<Logger>(LOGGER);
  }

  private get transport(): RedisTransport {
    return this.app.get(RedisTransport);
  }

  /**
   * Starts the consumers, listens, and gives the URL. `refuse` is told if Redis turns out to be one that cannot keep the
   * promises. Rejects with a sentence where the service cannot start: a `ConfigError` names the variable.
   */
  async start(refuse: (error: RefusedRedis) => void): Promise<string> {
    const { app, options, config, log } = this;
    log.debug(describeConfig(config), 'configuration');
    const watching = watchRedis(
      this.transport,
      app.get(Health),
      log,
      refuse,
      async () => (await options.examine?.(this.transport, config)) ?? [],
    );
    this.tasks.push(watching);
    this.transport.partitions.start();
    followLogLevel(log, options.hop, this.transport.controls);
    await options.prepare?.(app, config);
    for (const strategy of options.microservices?.(app) ?? []) app.connectMicroservice(strategy);
    await app.startAllMicroservices();
    await this.listen();
    this.tasks.push(releaseMemoryWhenIdle(log));
    const url = (await app.getUrl()).replace(/^http:/, this.tls === undefined ? 'http:' : 'https:');
    log.info({ version: VERSION }, `listening on ${url}`);
    if (isOpen(config)) log.warn('authentication is disabled: anyone who can reach this address may use it');
    return url;
  }

  /** Consumers first, so that what is in flight is settled or released; then the connections. */
  async close(): Promise<void> {
    const stopped = this.tasks.map((task) => task.stop());
    this.probes?.close();
    try {
      await this.app.close();
    } catch (error) {
      this.log.error({ err: error }, 'error while stopping');
    }
    await Promise.all([this.transport.close(), this.app.get<Tracing>(TRACING).close(), ...stopped]);
  }

  /** Gives up what is in flight, at the end of patience. */
  async abandon(): Promise<void> {
    await this.transport.close();
  }

  private async listen(): Promise<void> {
    const { PORT, HEALTH_PORT } = this.config;
    const address = addressOf(this.config);
    const scrapes = HEALTH_PORT === undefined ? undefined : new Scrapes(this.app);
    await heard(this.app.listen(PORT, address), 'PORT', PORT, address);
    if (this.tls) this.tasks.push(this.tls.follow(this.app.getHttpServer() as unknown as TlsServer, this.log));
    if (HEALTH_PORT === undefined || scrapes === undefined) return;
    const listening = listenForProbes(this.app, scrapes, HEALTH_PORT, address);
    this.probes = await heard(listening, 'HEALTH_PORT', HEALTH_PORT, address);
  }
}

/** Rejects with a `ConfigError` where nothing can be heard at that address. */
const heard = async <T>(listening: Promise<T>, variable: string, port: number, address: string): Promise<T> => {
  try {
    return await listening;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new ConfigError(`${variable}: ${port} on ${address} is already in use`);
    if (code === 'EADDRNOTAVAIL') throw new ConfigError(`HOST: ${address} is not an address of this machine`);
    throw error;
  }
};
