import { askAll, type Query } from './ask-all.js';
import type { Connection } from './connection.js';

/**
 * A stream is in blocks of a few KiB, which are of all sizes: of the first five of them, as Redis does by itself, nothing can
 * be concluded for the others. To look at so many takes it about 10 ms; a stream that has more is taken to be as these are.
 */
const BLOCKS = 200_000;

/** Bytes that each key takes; null where the server does not tell. Rejects with `Unavailable`. */
export const keyBytes = async (
  redis: Connection,
  keys: readonly string[],
  samples = BLOCKS,
): Promise<(number | null)[]> => {
  const queries = keys.map((key): Query => ['MEMORY', 'USAGE', key, 'SAMPLES', samples]);
  return (await askAll(redis, queries)).map(([error, bytes]) => {
    if (error !== null) return null;
    return bytes === null ? 0 : Number(bytes);
  });
};
