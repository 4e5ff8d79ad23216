import { storedWhole } from '../../stored.js';
import type { Connection } from '../connection/connection.js';

/** The hash `frames` of a partition; the Functions keep it, and what they count besides. */
export type FrameCounters = Readonly<Record<string, string>>;

/** Reads the counters. Rejects as Redis does. */
export const frameCountersOf = async (redis: Connection, key: string): Promise<FrameCounters> => redis.hgetall(key);

/** How many events a stream of `length` entries holds. */
export const lengthInEvents = (counters: FrameCounters, stream: string, length: number): number =>
  length === 0 ? 0 : length + beyond(counters, `added ${stream}`, `trimmed ${stream}`);

/** Entries and events that a group has not settled: those to come, and those in flight. */
export interface Unsettled {
  readonly lag: number;
  readonly pending: number;
}

/**
 * What a group has not settled, in events. Their sum is exact; how it divides is an estimate where there are frames, by
 * the entries.
 */
export const unsettledInEvents = (
  counters: FrameCounters,
  stream: string,
  group: string,
  { lag, pending }: Unsettled,
): Unsettled => {
  const entries = lag + pending;
  const settled = `settled ${stream} ${group}`;
  const rest =
    entries === 0 ? 0 : beyond(counters, `added ${stream}`, settled in counters ? settled : `trimmed ${stream}`);
  const inHand = Math.round((rest * pending) / Math.max(1, entries));
  return { lag: lag + rest - inHand, pending: pending + inHand };
};

const beyond = (counters: FrameCounters, added: string, gone: string): number =>
  Math.max(0, (storedWhole(counters[added]) ?? 0) - (storedWhole(counters[gone]) ?? 0));
