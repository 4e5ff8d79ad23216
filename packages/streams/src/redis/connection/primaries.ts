import { Cluster, type Redis } from 'ioredis';
import type { Connection } from './connection.js';
import { throwUnavailable } from './unavailable.js';

/** The server behind a connection, or all primaries of a cluster. Rejects with `Unavailable` where it is away. */
const primariesOf = async (redis: Connection): Promise<readonly Redis[]> => {
  if (!(redis instanceof Cluster)) return [redis];
  if (redis.status !== 'ready') await redis.ping();
  return redis.nodes('master');
};

/** Asks each the same. Nodes of a cluster are made by ioredis, and do not say by themselves what is unavailable. */
const ask = <T>(primaries: readonly Redis[], question: (primary: Redis) => Promise<T>): Promise<T>[] =>
  primaries.map((primary) => question(primary).catch(throwUnavailable));

/** What every primary answers, or why it does not. Rejects with `Unavailable` where there is none to be asked. */
export const settledOfPrimaries = async <T>(
  redis: Connection,
  question: (primary: Redis) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> => Promise.allSettled(ask(await primariesOf(redis), question));

/** Asks every primary the same. Rejects with the first error. */
export const ofEachPrimary = async <T>(redis: Connection, question: (primary: Redis) => Promise<T>): Promise<T[]> => {
  const primaries = await primariesOf(redis);
  try {
    return await Promise.all(ask(primaries, question));
  } catch (error) {
    // Another may serve the slots of one that is gone.
    if (redis instanceof Cluster) redis.refreshSlotsCache();
    throw error;
  }
};

/** The same of those that answer. Rejects with the first error where none does. */
export const ofReachablePrimaries = async <T>(
  redis: Connection,
  question: (primary: Redis) => Promise<T>,
): Promise<T[]> => {
  const asked = await settledOfPrimaries(redis, question);
  const answers = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (answers.length < asked.length && redis instanceof Cluster) redis.refreshSlotsCache();
  if (answers.length === 0) throw (asked[0] as PromiseRejectedResult).reason;
  return answers;
};

/** How people call a server: `127.0.0.1:6379`. */
export const nameOf = ({ options: { host, port } }: Redis): string => `${host}:${port}`;
