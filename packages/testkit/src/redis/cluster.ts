import { freePort } from '../free-port.js';
import { waitFor } from '../wait-for.js';
import { withRedis } from './greeting.js';
import type { RedisServer } from './server.js';
import { startRedis } from './start-redis.js';

const SLOTS = 16_384;
const KEYS_AT_ONCE = 50;

/** How to start a Redis Cluster. */
export interface ClusterOptions {
  /** Default 3. */
  readonly primaries?: number;
  /** Shared out among the primaries. Default 3. */
  readonly replicas?: number;
  /** How long a node may be silent before another takes its place, in milliseconds. Default 1000. */
  readonly nodeTimeoutMs?: number;
  /** Settings of redis.conf, for every node. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A running Redis Cluster of local processes. */
export class RedisCluster {
  private readonly members: RedisServer[] = [];
  /** Ports at which nodes talk to each other. */
  private readonly busPorts = new Map<RedisServer, number>();

  private constructor(private readonly options: ClusterOptions) {}

  /** Starts it on the loopback address and waits until every slot is served and every replica has its data. */
  static async start(options: ClusterOptions = {}): Promise<RedisCluster> {
    const cluster = new RedisCluster(options);
    try {
      await cluster.build(options.primaries ?? 3, options.replicas ?? 3);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** `redis+cluster://` with all nodes that are there. */
  get url(): string {
    return `redis+cluster://${this.members.map(({ host, port }) => `${host}:${port}`).join(',')}`;
  }

  /** Every node that was started, also one that was killed. */
  get nodes(): readonly RedisServer[] {
    return this.members;
  }

  /** Who serves the slot of a key, as the nodes that run have it. */
  async primaryOf(key: string): Promise<RedisServer> {
    const slot = await this.slotOf(key);
    const primary = (await this.primaries()).find(({ slots }) =>
      slots.some(([from, to]) => from <= slot && slot <= to),
    );
    if (primary === undefined) throw new Error(`nobody serves the slot of ${key}`);
    return primary.server;
  }

  /** The primaries that serve slots, with them. */
  async primaries(): Promise<{ server: RedisServer; slots: [from: number, to: number][] }[]> {
    const asked = this.running.map((server) => call(server, 'CLUSTER', 'SLOTS'));
    const rows = (await Promise.any(asked)) as [number, number, [string, number]][];
    return this.members
      .map((server) => ({
        server,
        slots: rows.filter(([, , [, port]]) => port === server.port).map(([from, to]): [number, number] => [from, to]),
      }))
      .filter(({ slots }) => slots.length > 0);
  }

  /** The replicas of a primary, as it has them. */
  async replicasOf(primary: RedisServer): Promise<RedisServer[]> {
    const rows = (await call(primary, 'CLUSTER', 'REPLICAS', await idOf(primary))) as string[];
    return this.members.filter(({ port }) => rows.some((row) => row.includes(`:${port}@`)));
  }

  /** A further primary, which has no slots yet, and no Functions. */
  async addPrimary(): Promise<RedisServer> {
    const [first] = this.running as [RedisServer];
    const server = await this.startNode();
    await this.meet(server, first);
    await this.untilMet();
    await this.untilWhole(); // It takes nothing in before it knows who serves what.
    return server;
  }

  /** A further replica of a primary, which has all its data. */
  async addReplica(of: RedisServer): Promise<RedisServer> {
    const server = await this.addPrimary();
    await this.replicate(server, of);
    return server;
  }

  /** Moves the slot of a key, with all that is in it, to another primary. */
  async moveSlot(key: string, to: RedisServer): Promise<void> {
    const slot = await this.slotOf(key);
    const from = await this.primaryOf(key);
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await call(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await call(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    for (;;) {
      const keys = (await call(from, 'CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE)) as string[];
      if (keys.length === 0) break;
      await call(from, 'MIGRATE', to.host, to.port, '', 0, 10_000, 'KEYS', ...keys);
    }
    // The new owner first, so that the slot is never without one.
    for (const node of [to, from]) await call(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  }

  /** Resolves when every node that runs says that all slots are served. */
  async untilWhole(): Promise<void> {
    await waitFor(() => every(this.running, isWhole), {
      what: 'every slot to be served',
      timeoutMs: 30_000,
      everyMs: 50,
    });
  }

  /** Stops every node. */
  async stop(): Promise<void> {
    await Promise.all(this.members.map((server) => server.stop()));
  }

  private get running(): RedisServer[] {
    return this.members.filter(({ pid }) => pid !== undefined);
  }

  private async build(primaries: number, replicas: number): Promise<void> {
    for (let n = 0; n < primaries + replicas; n += 1) await this.startNode();
    const [first, ...others] = this.members as [RedisServer, ...RedisServer[]];
    for (const [n, server] of this.members.entries()) await call(server, 'CLUSTER', 'SET-CONFIG-EPOCH', n + 1);
    for (const [n, server] of this.members.slice(0, primaries).entries()) {
      const slot = (at: number) => Math.floor((at * SLOTS) / primaries);
      await call(server, 'CLUSTER', 'ADDSLOTSRANGE', slot(n), slot(n + 1) - 1);
    }
    for (const server of others) await this.meet(server, first);
    await this.untilMet();
    for (const [n, server] of this.members.slice(primaries).entries()) {
      await this.replicate(server, this.members[n % primaries] as RedisServer);
    }
    await this.untilWhole();
  }

  private async startNode(): Promise<RedisServer> {
    const { nodeTimeoutMs = 1000, config = {} } = this.options;
    const busPort = await freePort();
    const server = await startRedis({
      flavour: 'native',
      config: {
        'cluster-enabled': 'yes',
        // The default, 10,000 above the other port, is often none.
        'cluster-port': String(busPort),
        'cluster-node-timeout': String(nodeTimeoutMs),
        'cluster-replica-validity-factor': '0',
        'repl-diskless-sync-delay': '0',
        'repl-ping-replica-period': '1',
        ...config,
      },
    });
    this.members.push(server);
    this.busPorts.set(server, busPort);
    return server;
  }

  private async meet(server: RedisServer, other: RedisServer): Promise<void> {
    await call(server, 'CLUSTER', 'MEET', other.host, other.port, this.busPorts.get(other) as number);
  }

  private async untilMet(): Promise<void> {
    const all = this.running.length;
    const knowsAll = async (server: RedisServer): Promise<boolean> => {
      const rows = String(await call(server, 'CLUSTER', 'NODES'))
        .trim()
        .split('\n');
      return rows.filter((row) => !/fail|handshake|noaddr/.test(row)).length === all;
    };
    await waitFor(() => every(this.running, knowsAll), {
      what: 'the nodes to know each other',
      timeoutMs: 30_000,
      everyMs: 50,
    });
  }

  private async replicate(server: RedisServer, of: RedisServer): Promise<void> {
    const id = await idOf(of);
    // Who was just met is known by its address first, and by its id a little later.
    await waitFor(async () => (await call(server, 'CLUSTER', 'REPLICATE', id)) === 'OK', { what: 'a replica' });
    const isLinked = async () => /master_link_status:up/.test(String(await call(server, 'INFO', 'replication')));
    await waitFor(isLinked, { what: 'a replica to have all data', timeoutMs: 30_000, everyMs: 50 });
  }

  private async slotOf(key: string): Promise<number> {
    return (await call(this.running[0], 'CLUSTER', 'KEYSLOT', key)) as number;
  }
}

/** Starts a Redis Cluster of local `redis-server` processes. */
export const startRedisCluster = (options?: ClusterOptions): Promise<RedisCluster> => RedisCluster.start(options);

const call = (server: RedisServer | undefined, command: string, ...args: (string | number)[]): Promise<unknown> => {
  if (server === undefined) throw new Error('no node of the cluster runs');
  return withRedis(server.port, (redis) => redis.call(command, ...args));
};

const idOf = async (server: RedisServer): Promise<string> => String(await call(server, 'CLUSTER', 'MYID'));

const isWhole = async (server: RedisServer): Promise<boolean> =>
  /cluster_state:ok/.test(String(await call(server, 'CLUSTER', 'INFO')));

const every = async <T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> =>
  (await Promise.all(all.map(holds))).every(Boolean);
