import type { Redis } from 'ioredis';
import { Catalogue } from './catalogue.js';
import { CheckedStore } from './checked-store.js';
import { SeriesKeys } from './keys.js';
import { PlainBackend } from './plain/plain-backend.js';
import type { SeriesSource, SeriesStore, StoreKind } from './series.js';
import { TimeSeriesBackend } from './timeseries/timeseries-backend.js';

/** Which store was chosen, and why, in words for the log. */
export interface StoreChoice {
  readonly kind: StoreKind;
  readonly reason: string;
}

/** How to open a store. */
export interface StoreOptions {
  /** Before every key: `mr:{p0}:series`. Without a hash tag the whole prefix becomes one: `{telemetry:metrics}`. */
  readonly prefix: string;
  /** Most series under the prefix, whatever process makes them. Default 0: no limit. */
  readonly maxSeries?: number;
  /** Told once, before the store is handed out. */
  readonly onChoice?: (choice: StoreChoice) => void;
}

/**
 * Opens the series under a prefix: with the TimeSeries module where the server has its commands, else in plain sorted
 * sets. Series that are there already decide for the store that made them. The connection stays the caller's, goes to the
 * server of the prefix, in a cluster too, and has no `keyPrefix` of its own.
 */
export const openSeriesStore = async (
  redis: Redis,
  { prefix, maxSeries = 0, onChoice }: StoreOptions,
): Promise<SeriesStore> => {
  refuseKeyPrefix(redis);
  const keys = new SeriesKeys(prefix);
  const choice = await choose(redis, keys);
  onChoice?.(choice);
  return storeOf(redis, keys, choice.kind, maxSeries);
};

/**
 * The series under a prefix, to be read; undefined where none were ever kept. Writes nothing. Rejects with a
 * `ModuleMissing` where the TimeSeries module made them and this server does not have it.
 */
export const openSeriesSource = async (redis: Redis, prefix: string): Promise<SeriesSource | undefined> => {
  refuseKeyPrefix(redis);
  const keys = new SeriesKeys(prefix);
  const kind = (await redis.get(keys.kind)) as StoreKind | null;
  if (kind === null) return undefined;
  if (kind === 'timeseries' && !(await hasTimeSeries(redis, keys))) throw new ModuleMissing(keys.kind);
  return storeOf(redis, keys, kind, 0);
};

/** The series were made by the TimeSeries module, and this Redis does not have it. */
export class ModuleMissing extends Error {
  override readonly name = 'ModuleMissing';

  constructor(key: string) {
    super(
      `${key} says that the series were made by the TimeSeries module, which this Redis does not have: ` +
        'load it, or take another prefix',
    );
  }
}

const refuseKeyPrefix = (redis: Redis): void => {
  if (redis.options.keyPrefix)
    throw new RangeError('the connection has a keyPrefix: series stores take `prefix` instead');
};

const storeOf = (redis: Redis, keys: SeriesKeys, kind: StoreKind, maxSeries: number): SeriesStore => {
  const backend = kind === 'timeseries' ? new TimeSeriesBackend(redis, keys) : new PlainBackend(redis, keys);
  return new CheckedStore(backend, new Catalogue(redis, keys.catalogue), keys, maxSeries);
};

const choose = async (redis: Redis, keys: SeriesKeys): Promise<StoreChoice> => {
  const possible: StoreKind = (await hasTimeSeries(redis, keys)) ? 'timeseries' : 'plain';
  await redis.setnx(keys.kind, possible);
  const kind = (await redis.get(keys.kind)) as StoreKind;
  if (kind === possible) return { kind, reason: REASONS[kind] };
  if (kind === 'plain') return { kind, reason: 'the series that are there were made without the TimeSeries module' };
  throw new ModuleMissing(keys.kind);
};

const REASONS: Record<StoreKind, string> = {
  timeseries: 'the server has the TimeSeries commands',
  plain: 'the server has no TimeSeries commands',
};

/** Asks by command, never by version: managed servers, forks and modules all differ. */
const hasTimeSeries = async (redis: Redis, keys: SeriesKeys): Promise<boolean> => {
  try {
    await redis.call('TS.INFO', keys.kind);
    return true;
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'ReplyError') throw error;
    if (/unknown command|NOPERM/i.test(message)) return false;
    if (/TSDB|WRONGTYPE/i.test(message)) return true;
    throw error;
  }
};
