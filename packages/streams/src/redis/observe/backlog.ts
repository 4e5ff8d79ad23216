import type { StreamName } from '../../contract.js';
import { type Connection, isNoGroup } from '../connection/connection.js';
import type { Keys } from '../connection/keys.js';
import { frameCountersOf, lengthInEvents, unsettledInEvents } from './frame-counters.js';

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

const parts = (id: string): [number, number] => id.split('-').map(Number) as [number, number];

/** Whether a group was handed everything up to `lastId`, the newest entry of its stream; undefined: there is none. */
const isCaughtUp = (deliveredId: string, lastId: string | undefined): boolean => {
  if (lastId === undefined) return true;
  const [ms, sequence] = parts(deliveredId);
  const [lastMs, lastSequence] = parts(lastId);
  return ms > lastMs || (ms === lastMs && sequence >= lastSequence);
};

/**
 * Entries that a group was not handed yet, from its row of XINFO GROUPS. Redis's own `lag` is null after deletes, and too
 * large after some restarts (its counter of entries read is not restored), so what can be told without it is.
 */
export const lagOf = (group: Info, length: number, lastId: string | undefined): number => {
  if (isCaughtUp(String(group['last-delivered-id']), lastId)) return 0;
  return knownLag(group, length);
};

const knownLag = ({ lag }: Info, length: number): number => (typeof lag === 'number' ? Math.min(lag, length) : length);

/**
 * Whether there is anything behind what the group was handed. It costs the payload of an entry where there is, so it is asked
 * only where Redis's own word is in doubt: it has none, or a group with nothing in flight is said to have more to come.
 */
const hasMore = async (redis: Connection, key: string, group: Info): Promise<boolean> => {
  if (group.lag === 0) return false;
  if (typeof group.lag === 'number' && Number(group.pending) > 0) return true;
  const behind = await redis.xrange(key, `(${String(group['last-delivered-id'])}`, '+', 'COUNT', 1);
  return behind.length > 0;
};

/** How many events a group has not settled: not yet handed out, and pending. Never too few. */
export const backlogOf = async (redis: Connection, keys: Keys, stream: StreamName, group: string): Promise<number> => {
  const key = keys.stream(stream);
  try {
    const [rows, length, counters] = await Promise.all([
      redis.call('XINFO', 'GROUPS', key) as Promise<unknown[]>,
      redis.xlen(key),
      frameCountersOf(redis, keys.frames(stream.partition)),
    ]);
    const ours = rows.map(infoRecord).find(({ name }) => name === group);
    if (ours === undefined) return lengthInEvents(counters, stream.name, length);
    const behind = (await hasMore(redis, key, ours)) ? knownLag(ours, length) : 0;
    const entries = { lag: behind, pending: Number(ours.pending) };
    const { lag, pending } = unsettledInEvents(counters, stream.name, group, entries);
    return lag + pending;
  } catch (error) {
    if (noStream(error)) return 0;
    throw error;
  }
};
