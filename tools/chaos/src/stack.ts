import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  freePort,
  type PostgresServer,
  type Receiver,
  startPostgres,
  startReceiver,
  TcpProxy,
} from '@millrace/testkit';
import { Deliveries } from './deliveries.js';
import { WallClock } from './faults/clocks.js';
import { makeSinkRole, refuseRows, SINK_ROLE, STATEMENT_MS } from './faults/policies.js';
import { CLAIM_AFTER_MS, SERVICES, type ServiceName } from './faults/schedule.js';
import { ClusterStore, OneServer, type Store } from './load/store.js';
import { Worker } from './worker.js';

/** The endpoint of the receiver. */
export const RECEIVER = 'receiver';
/** The endpoint that nobody can connect to. */
export const UNREACHABLE = 'unreachable';

const ROUTES = `
routes:
  - { name: orders, pattern: { type: [chaos.order] }, topics: [orders] }
  - { name: readings, pattern: { type: [chaos.reading] }, topics: [readings] }
`;

const COMMON = {
  LOG_LEVEL: 'warn',
  CLAIM_AFTER_MS: String(CLAIM_AFTER_MS),
  RETRY_SCHEDULE: '0.3,0.6,1',
  MAX_ATTEMPTS: '30',
  BATCH_MAX_SIZE: '100',
  DURABILITY: 'always',
  MEMORY_RESERVE: '0%',
};

const here = fileURLToPath(new URL('../../../', import.meta.url));

const programOf = (root: string, name: ServiceName): string =>
  join(root, name === 'witness' ? 'tools/chaos/dist/witness/main.js' : `apps/${name}/dist/main.js`);

/** The pipeline as processes, and what it runs on, each within reach of faults. */
export class Stack {
  private readonly turns = new Map<ServiceName, number>();

  private constructor(
    readonly store: Store,
    readonly postgres: PostgresServer,
    readonly postgresProxy: TcpProxy,
    readonly receiver: Receiver,
    readonly deliveries: Deliveries,
    readonly workers: readonly Worker[],
    readonly folder: string,
  ) {}

  /**
   * Starts everything and waits until it is ready; what was started is stopped if something cannot be. With the folder of
   * another version every service has a second process, of that one.
   */
  static async start(onCluster: boolean, beside?: string): Promise<Stack> {
    const started: (() => Promise<unknown>)[] = [];
    const keep = <T>(one: T, stop: (one: T) => Promise<unknown>): T => {
      started.unshift(() => stop(one));
      return one;
    };
    try {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
      await writeFile(join(folder, 'routes.yaml'), ROUTES);
      const store = keep<Store>(await (onCluster ? ClusterStore : OneServer).start(), (it) => it.stop());
      const postgres = keep(await startPostgres({ durable: true }), (it) => it.stop());
      const postgresProxy = keep(await TcpProxy.to(Number(new URL(postgres.url).port)), (it) => it.close());
      const secret = `whsec_${randomBytes(24).toString('base64')}`;
      const deliveries = new Deliveries();
      const receiver = keep(await startReceiver({ secret, respond: deliveries.respond }), (it) => it.stop());
      const databaseUrl = new URL(postgres.url);
      databaseUrl.port = String(postgresProxy.port);
      await writeFile(join(folder, 'endpoints.yaml'), endpointsOf(receiver.url, secret));
      await makeSinkRole(postgres.url);
      const envs = environments(folder, databaseUrl.href);
      const workers: Worker[] = [];
      for (const root of beside === undefined ? [here] : [beside, here]) {
        for (const name of SERVICES) {
          const spec = {
            name,
            label: root === here ? name : `${name} beside`,
            program: programOf(root, name),
            port: await freePort(),
            env: { ...COMMON, ...envs[name], ...store.envOf(name) },
            logs: folder,
            mayDie: name === 'witness',
            clock: new WallClock(folder, root === here ? name : `${name} beside`),
          };
          const worker = keep(new Worker(spec), (it) => it.stop());
          worker.start();
          workers.push(worker);
        }
      }
      await Promise.all(workers.map((worker) => worker.ready()));
      await refuseRows(postgres.url);
      return new Stack(store, postgres, postgresProxy, receiver, deliveries, workers, folder);
    } catch (error) {
      for (const stop of started) await stop();
      throw error;
    }
  }

  /** A process of the service, another one each time if there are two. */
  next(name: ServiceName): Worker {
    const turn = this.turns.get(name) ?? 0;
    this.turns.set(name, turn + 1);
    const those = this.workers.filter((worker) => worker.name === name);
    return those[turn % those.length] as Worker;
  }

  get gateways(): readonly string[] {
    return this.workers.filter(({ name }) => name === 'gateway').map(({ url }) => url);
  }

  /** Stops the services, then what they used. `keepLogs` leaves their logs where they are. */
  async stop(keepLogs: boolean): Promise<void> {
    await this.stopServices();
    await this.postgresProxy.close();
    await Promise.all([this.receiver.stop(), this.postgres.stop(), this.store.stop()]);
    if (!keepLogs) await rm(this.folder, { recursive: true, force: true });
  }

  async stopServices(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }
}

const endpointsOf = (receiverUrl: string, secret: string): string => `
endpoints:
  - { name: ${RECEIVER}, url: '${receiverUrl}', secret: ${secret}, topics: [orders] }
  - { name: ${UNREACHABLE}, url: 'http://127.0.0.1:9/', secret: ${secret}, topics: [orders] }
`;

const asSink = (databaseUrl: string): string => {
  const url = new URL(databaseUrl);
  url.username = SINK_ROLE;
  return url.href;
};

const environments = (
  folder: string,
  databaseUrl: string,
): Readonly<Record<ServiceName, Readonly<Record<string, string>>>> => ({
  gateway: {},
  router: { ROUTES_FILE: join(folder, 'routes.yaml') },
  'sink-postgres': {
    DATABASE_URL: asSink(databaseUrl),
    TOPICS: 'orders,readings',
    // A row that is too slow takes that long at each of its attempts.
    ...{ STATEMENT_TIMEOUT: `${STATEMENT_MS}ms`, MAX_ATTEMPTS: '8' },
  },
  'sink-webhook': {
    ENDPOINTS_FILE: join(folder, 'endpoints.yaml'),
    ENDPOINT_OFF_AFTER: '15s',
    ENDPOINT_QUEUE_MAX_LENGTH: '500',
    TOPICS: 'orders',
    REQUEST_TIMEOUT: '2s',
    ALLOW_NETWORKS: '127.0.0.0/8',
  },
  'sink-timeseries': { TOPICS: 'readings', SERIES_RETENTION: '0s', ROLLUPS: 'count:1m' },
  witness: { DATABASE_URL: databaseUrl, TOPICS: 'orders', ORDER: 'fifo', MAX_ATTEMPTS: '5' },
});
