import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../wait-for.js';
import { withRedis } from './greeting.js';
import { redisProgram } from './native.js';
import { type RedisProgram, startRedisProcess } from './process-server.js';
import type { RedisServer } from './server.js';
import { startRedis } from './start-redis.js';

const NAME = 'millrace';
const SENTINELS = 3;
const QUORUM = 2;

/** How to start a Redis that Sentinel watches. */
export interface SentinelsOptions {
  /** Default 2. */
  readonly replicas?: number;
  /** Settings of redis.conf, for the primary and its replicas. */
  readonly config?: Readonly<Record<string, string>>;
  /** How long the primary may be silent before another takes its place, in milliseconds. Default 1000. */
  readonly downAfterMs?: number;
}

/** A primary, its replicas, and three Sentinels that watch them. */
export interface SentinelRedis {
  /** `redis+sentinel://` with all three. */
  readonly url: string;
  readonly sentinels: readonly RedisServer[];
  /** The primary, as the Sentinels have it, and its replicas. */
  readonly servers: readonly RedisServer[];
  primary(): Promise<RedisServer>;
  /** Stops everything. */
  stop(): Promise<void>;
}

/** Starts them on the loopback address and waits until the Sentinels know each other and the replicas have all data. */
export const startSentinels = async (options: SentinelsOptions = {}): Promise<SentinelRedis> => {
  const { replicas = 2, config = {}, downAfterMs = 1000 } = options;
  const started: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  const start = async (starting: Promise<RedisServer>): Promise<RedisServer> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  try {
    const settings = { ...PROMPT, ...config };
    const first = await start(startRedis({ flavour: 'native', config: settings }));
    for (let n = 0; n < replicas; n += 1) {
      const replicaof = { replicaof: `127.0.0.1 ${first.port}` };
      await start(startRedis({ flavour: 'native', config: { ...settings, ...replicaof } }));
    }
    const servers = [...started];
    const sentinels: RedisServer[] = [];
    for (let n = 0; n < SENTINELS; n += 1) {
      sentinels.push(await start(startRedisProcess(sentinelOf(first.port, downAfterMs), {})));
    }
    await waitFor(() => every(sentinels, ({ port }) => knowsAll(port, replicas)), {
      what: 'the Sentinels to know each other and the replicas',
      timeoutMs: 30_000,
      everyMs: 100,
    });
    const list = sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
    return {
      url: `redis+sentinel://${list}/${NAME}`,
      sentinels,
      servers,
      primary: async () => {
        const port = await primaryPort(sentinels);
        return servers.find((server) => server.port === port) as RedisServer;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** A replica begins to copy at once, and says often how far it is. */
const PROMPT = { 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1' };

const sentinelOf = (primary: number, downAfterMs: number): RedisProgram => ({
  kind: 'redis-server',
  persistent: false,
  command: (port, dataDir) => {
    const file = join(dataDir, 'sentinel.conf');
    // Sentinel writes into it what it learns, so it has to be a file.
    writeFileSync(
      file,
      [
        ...[`port ${port}`, 'bind 127.0.0.1', `dir ${dataDir}`],
        `sentinel monitor ${NAME} 127.0.0.1 ${primary} ${QUORUM}`,
        `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
        `sentinel failover-timeout ${NAME} 5000`,
        '',
      ].join('\n'),
    );
    return {
      name: 'sentinel',
      program: redisProgram() as string,
      args: [file, '--sentinel'],
      cwd: dataDir,
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    };
  },
});

const every = async <T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> =>
  (await Promise.all(all.map(holds))).every(Boolean);

const knowsAll = (sentinel: number, replicas: number): Promise<boolean> =>
  withRedis(sentinel, async (redis) => {
    const rows = (await redis.call('SENTINEL', 'REPLICAS', NAME)) as string[][];
    const linked = rows.filter((row) => row[row.indexOf('master-link-status') + 1] === 'ok');
    const others = (await redis.call('SENTINEL', 'SENTINELS', NAME)) as unknown[];
    return linked.length === replicas && others.length === SENTINELS - 1;
  });

/** As the first Sentinel says that answers. */
const primaryPort = async (sentinels: readonly RedisServer[]): Promise<number> => {
  const ask = ({ port }: RedisServer) =>
    withRedis(port, (redis) => redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME));
  const [, port] = (await Promise.any(sentinels.map(ask))) as [string, string];
  return Number(port);
};
