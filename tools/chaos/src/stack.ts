import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  freePort,
  type PostgresServer,
  type Receiver,
  type RedisServer,
  startPostgres,
  startReceiver,
  startRedis,
  TcpProxy,
} from '@millrace/testkit';
import { Deliveries } from './deliveries.js';
import { CLAIM_AFTER_MS, SERVICES, type ServiceName } from './schedule.js';
import { Worker } from './worker.js';

const ROUTES = `
routes:
  - { name: orders, pattern: { type: [chaos.order] }, topics: [orders] }
  - { name: readings, pattern: { type: [chaos.reading] }, topics: [readings] }
`;

/** Every write is on disk before it is answered: a kill of Redis loses nothing that was promised. */
const REDIS = { appendonly: 'yes', appendfsync: 'always', 'auto-aof-rewrite-min-size': '256mb' };

/** Small enough that streams are trimmed while sinks are behind. */
const RETENTION = { RETENTION_MAX_LENGTH: '3000', INBOX_MAX_LENGTH: '1000', RETENTION_WHEN_FULL: 'keep' };

const COMMON = {
  LOG_LEVEL: 'warn',
  CLAIM_AFTER_MS: String(CLAIM_AFTER_MS),
  RETRY_SCHEDULE: '0.3,0.6,1',
  MAX_ATTEMPTS: '30',
  BATCH_MAX_SIZE: '100',
  DURABILITY: 'always',
  MEMORY_RESERVE: '0%',
};

const apps = fileURLToPath(new URL('../../../apps/', import.meta.url));
const witness = fileURLToPath(new URL('../dist/witness/main.js', import.meta.url));

/** The pipeline as processes, and what it runs on, each within reach of faults. */
export class Stack {
  private constructor(
    readonly redis: RedisServer,
    readonly postgres: PostgresServer,
    readonly postgresProxy: TcpProxy,
    readonly receiver: Receiver,
    readonly deliveries: Deliveries,
    readonly workers: ReadonlyMap<ServiceName, Worker>,
    /** Between each service and Redis. */
    readonly proxies: ReadonlyMap<ServiceName, TcpProxy>,
    readonly folder: string,
  ) {}

  /** Starts everything and waits until it is ready; what was started is stopped if something cannot be. */
  static async start(): Promise<Stack> {
    const started: (() => Promise<unknown>)[] = [];
    const keep = <T>(one: T, stop: (one: T) => Promise<unknown>): T => {
      started.unshift(() => stop(one));
      return one;
    };
    try {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
      await writeFile(join(folder, 'routes.yaml'), ROUTES);
      const redis = keep(await startRedis({ flavour: 'native', config: REDIS }), (it) => it.stop());
      const postgres = keep(await startPostgres({ durable: true }), (it) => it.stop());
      const postgresProxy = keep(await TcpProxy.to(Number(new URL(postgres.url).port)), (it) => it.close());
      const secret = `whsec_${randomBytes(24).toString('base64')}`;
      const deliveries = new Deliveries();
      const receiver = keep(await startReceiver({ secret, respond: deliveries.respond }), (it) => it.stop());
      const databaseUrl = new URL(postgres.url);
      databaseUrl.port = String(postgresProxy.port);
      const envs = environments(folder, databaseUrl.href, receiver.url, secret);
      const workers = new Map<ServiceName, Worker>();
      const proxies = new Map<ServiceName, TcpProxy>();
      for (const name of SERVICES) {
        const proxy = keep(await TcpProxy.to(redis.port), (it) => it.close());
        const env = { ...COMMON, ...envs[name], REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
        const program = name === 'witness' ? witness : `${apps}${name}/dist/main.js`;
        const worker = keep(
          new Worker({ name, program, port: await freePort(), env, logs: folder, mayDie: name === 'witness' }),
          (it) => it.stop(),
        );
        worker.start();
        proxies.set(name, proxy);
        workers.set(name, worker);
      }
      await Promise.all([...workers.values()].map((worker) => worker.ready()));
      return new Stack(redis, postgres, postgresProxy, receiver, deliveries, workers, proxies, folder);
    } catch (error) {
      for (const stop of started) await stop();
      throw error;
    }
  }

  worker(name: ServiceName): Worker {
    return this.workers.get(name) as Worker;
  }

  /** Stops the services, then what they used. `keepLogs` leaves their logs where they are. */
  async stop(keepLogs: boolean): Promise<void> {
    await this.stopServices();
    await Promise.all([...this.proxies.values(), this.postgresProxy].map((proxy) => proxy.close()));
    await Promise.all([this.receiver.stop(), this.postgres.stop(), this.redis.stop()]);
    if (!keepLogs) await rm(this.folder, { recursive: true, force: true });
  }

  async stopServices(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
  }
}

const environments = (
  folder: string,
  databaseUrl: string,
  receiverUrl: string,
  secret: string,
): Readonly<Record<ServiceName, Readonly<Record<string, string>>>> => ({
  gateway: {},
  router: { ROUTES_FILE: join(folder, 'routes.yaml'), ...RETENTION },
  'sink-postgres': { DATABASE_URL: databaseUrl, TOPICS: 'orders,readings' },
  'sink-webhook': {
    WEBHOOK_URL: receiverUrl,
    WEBHOOK_SECRET: secret,
    TOPICS: 'orders',
    REQUEST_TIMEOUT: '2s',
    ALLOW_NETWORKS: '127.0.0.0/8',
  },
  'sink-timeseries': { TOPICS: 'readings', SERIES_RETENTION: '0s', ROLLUPS: 'count:1m' },
  witness: { DATABASE_URL: databaseUrl, TOPICS: 'orders', ORDER: 'fifo', MAX_ATTEMPTS: '5' },
});
