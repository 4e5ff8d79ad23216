import { setTimeout as pause } from 'node:timers/promises';
import { RedisTransport } from '@millrace/streams/redis';
import {
  type RedisCluster,
  type RedisServer,
  startRedis,
  startRedisCluster,
  TcpProxy,
  waitFor,
} from '@millrace/testkit';
import { SERVICES, type ServiceName } from '../faults/schedule.js';

/** The Redis of a run, and what can be done to it. Faults resolve when they are over. */
export interface Store {
  /** `Redis 7.0.15`. */
  readonly name: string;
  /** For who looks, and is spared. */
  readonly url: string;
  /** Whether what was seen may be taken back, by a server that did not have it and takes over. */
  readonly takesBack: boolean;
  /** Whether a fault of one service's connections is felt by all of them. */
  readonly isShared: boolean;
  /** Environment of a service. */
  envOf(service: ServiceName): Readonly<Record<string, string>>;
  kill(ms: number): Promise<void>;
  /** `maxmemory` is what is used. */
  fill(ms: number): Promise<void>;
  cut(service: ServiceName): Promise<void>;
  stall(service: ServiceName, ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Every write is on disk before it is answered: a kill of Redis loses nothing that was promised. */
const CONFIG = { appendonly: 'yes', appendfsync: 'always', 'auto-aof-rewrite-min-size': '256mb' };

/** Small enough that streams are trimmed while sinks are behind. */
const RETENTION = { RETENTION_MAX_LENGTH: '3000', INBOX_MAX_LENGTH: '1000', RETENTION_WHEN_FULL: 'keep' };

const limit = async (url: string, ms: number): Promise<void> => {
  const transport = new RedisTransport({ url });
  const redis = transport.connections.connectTo('', 'fill');
  const memory = await transport.server.memory();
  await redis.config('SET', 'maxmemory', String(memory?.used ?? 1));
  await pause(ms);
  await redis.config('SET', 'maxmemory', '0');
  await transport.close();
};

/** One server, and a proxy between it and each service. */
export class OneServer implements Store {
  readonly takesBack = false;
  readonly isShared = false;

  private constructor(
    private readonly server: RedisServer,
    private readonly proxies: ReadonlyMap<ServiceName, TcpProxy>,
  ) {}

  static async start(): Promise<OneServer> {
    const server = await startRedis({ flavour: 'native', config: CONFIG });
    const proxies = await Promise.all(SERVICES.map(async (name) => [name, await TcpProxy.to(server.port)] as const));
    return new OneServer(server, new Map(proxies));
  }

  get name(): string {
    return `Redis ${this.server.version}`;
  }

  get url(): string {
    return this.server.url;
  }

  envOf(service: ServiceName): Readonly<Record<string, string>> {
    const url = `redis://127.0.0.1:${this.proxyOf(service).port}`;
    return { REDIS_URL: url, ...(service === 'router' ? RETENTION : {}) };
  }

  async kill(ms: number): Promise<void> {
    await this.server.kill();
    await pause(ms);
    await this.server.restart();
  }

  fill(ms: number): Promise<void> {
    return limit(this.url, ms);
  }

  async cut(service: ServiceName): Promise<void> {
    this.proxyOf(service).cut();
  }

  async stall(service: ServiceName, ms: number): Promise<void> {
    this.proxyOf(service).stall();
    await pause(ms);
    this.proxyOf(service).flow();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
    await this.server.stop();
  }

  private proxyOf(service: ServiceName): TcpProxy {
    return this.proxies.get(service) as TcpProxy;
  }
}

/** The partition of a run, and what is in none. */
const TAGS = ['{p0}', '{ctl}'];
/** Some of the kills and stalls are longer, so that a replica takes over; others are not. */
const NODE_TIMEOUT_MS = 1500;

/**
 * Three primaries and three replicas, which are waited for. Services talk to the nodes themselves, so a cut ends all
 * connections to a primary, and a stall stops it. One fault at a time, and the next when every primary has its replica
 * again: what two failures at once lose is not promised.
 */
export class ClusterStore implements Store {
  readonly name: string;
  readonly takesBack = true;
  readonly isShared = true;
  private last: Promise<unknown> = Promise.resolve();
  private turn = 0;

  private constructor(private readonly cluster: RedisCluster) {
    this.name = `a cluster of Redis ${cluster.nodes[0]?.version}`;
  }

  static async start(): Promise<ClusterStore> {
    return new ClusterStore(await startRedisCluster({ config: CONFIG, nodeTimeoutMs: NODE_TIMEOUT_MS }));
  }

  get url(): string {
    return this.cluster.url;
  }

  envOf(service: ServiceName): Readonly<Record<string, string>> {
    const own: Partial<Record<ServiceName, Readonly<Record<string, string>>>> = {
      gateway: {
        DURABILITY_REPLICAS: '1',
        DURABILITY_TIMEOUT: '2s',
      },
      // All of a topic is looked at in the end.
      router: { RETENTION_MAX_LENGTH: '0', INBOX_MAX_LENGTH: '1000', RETENTION_WHEN_FULL: 'keep' },
    };
    return { REDIS_URL: this.url, ...own[service] };
  }

  kill(ms: number): Promise<void> {
    return this.onPrimary(async (primary) => {
      await primary.kill();
      await pause(ms);
      await primary.restart();
    });
  }

  fill(ms: number): Promise<void> {
    return this.onPrimary(({ url }) => limit(url, ms));
  }

  cut(): Promise<void> {
    return this.onPrimary(async (primary) => {
      await ask(primary, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    });
  }

  stall(_: ServiceName, ms: number): Promise<void> {
    return this.onPrimary(async ({ pid }) => {
      process.kill(pid as number, 'SIGSTOP');
      await pause(ms);
      process.kill(pid as number, 'SIGCONT');
    });
  }

  async stop(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.cluster.stop();
  }

  private onPrimary(inflict: (primary: RedisServer) => Promise<void>): Promise<void> {
    const tag = TAGS[this.turn++ % TAGS.length] as string;
    const done = this.last.then(async () => {
      await inflict(await this.cluster.primaryOf(tag));
      await waitFor(() => this.isWhole(), { what: 'a cluster that is whole', timeoutMs: 60_000, everyMs: 100 });
    });
    this.last = done.catch(() => undefined);
    return done;
  }

  private async isWhole(): Promise<boolean> {
    await this.cluster.untilWhole();
    const primaries = await this.cluster.primaries();
    const infos = await Promise.all(primaries.map(({ server }) => ask(server, 'INFO', 'replication')));
    return infos.every((info) => /^slave0:.*state=online/m.test(String(info)));
  }
}

const ask = async ({ url }: RedisServer, command: string, ...args: string[]): Promise<unknown> => {
  const transport = new RedisTransport({ url });
  try {
    return await transport.connections.connectTo('', 'chaos').call(command, ...args);
  } finally {
    await transport.close();
  }
};
