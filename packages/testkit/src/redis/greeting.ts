import { Redis } from 'ioredis';
import { waitFor } from '../wait-for.js';

/** Runs one exchange on a connection of its own, which fails instead of reconnecting. */
export const withRedis = async <T>(port: number, use: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    connectTimeout: 2_000,
    retryStrategy: () => null,
    enableReadyCheck: false,
    protocol: 2,
    // A connection that failed would otherwise keep the process alive for two seconds.
    disconnectTimeout: 50,
  });
  // ioredis reports a lost connection here as well; whoever waits for the exchange hears of it anyway.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
};

/** Waits until the server answers PING (so has loaded its data) and gives its version. */
export const awaitPing = (port: number, alive: () => boolean): Promise<string> =>
  waitFor(
    async () => {
      if (!alive()) return 'dead';
      return await withRedis(port, async (redis) => ((await redis.ping()) === 'PONG' ? versionOf(redis) : false));
    },
    { timeoutMs: 15_000, what: `an answer to PING on port ${port}` },
  );

const versionOf = async (redis: Redis): Promise<string> => {
  const info = await redis.info('server');
  return (/^(?:valkey_version):(\S+)/m.exec(info) ?? /^redis_version:(\S+)/m.exec(info))?.[1] ?? 'unknown';
};
