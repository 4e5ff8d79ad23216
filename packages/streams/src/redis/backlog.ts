import type { Redis } from 'ioredis';
import { asUnavailable, isNoGroup } from './connection.js';

type Info = Readonly<Record<string, unknown>>;

/** XINFO's answer, name, value, name, value…, as a record. */
export const infoRecord = (answer: unknown): Info => {
  const list = answer as unknown[];
  const record: Record<string, unknown> = {};
  for (let i = 0; i + 1 < list.length; i += 2) record[String(list[i])] = list[i + 1];
  return record;
};

const noStream = (error: unknown): boolean =>
  /no such key/i.test((error as Error).message) || isNoGroup(error as Error);

/**
 * How many entries a group has not settled: not yet handed out, and pending. Where Redis cannot tell how many were not
 * handed out (`lag` is null after deletes), all that the stream holds counts, which is never too little.
 */
export const backlogOf = async (redis: Redis, key: string, group: string): Promise<number> => {
  try {
    const groups = ((await redis.call('XINFO', 'GROUPS', key)) as unknown[]).map(infoRecord);
    const ours = groups.find(({ name }) => name === group);
    if (ours === undefined) return await redis.xlen(key);
    const lag = typeof ours.lag === 'number' ? ours.lag : await redis.xlen(key);
    return lag + Number(ours.pending);
  } catch (error) {
    if (noStream(error)) return 0;
    throw asUnavailable(error);
  }
};
