import type { Position } from '../../contract.js';
import type { Connection } from '../connection/connection.js';
import type { Keys } from '../connection/keys.js';
import { GENERATIONS } from './appender.js';

/** Where the event of a digest was appended in a partition, as far as the deduplication window reaches. */
export const seenAt = async (
  redis: Connection,
  keys: Keys,
  partition: number,
  digest: string,
): Promise<Position | undefined> => {
  const generations = Array.from({ length: GENERATIONS }, (_, n) => keys.seen(n, partition));
  const found = await Promise.all(generations.map((key) => redis.hget(key, digest)));
  // What stands behind it is for `append`.
  return found.find((noted) => noted !== null)?.split(' ')[0];
};
