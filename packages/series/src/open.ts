import type { Redis } from 'ioredis';
import { Catalogue } from './catalogue.js';
import { CheckedStore } from './checked-store.js';
import { SeriesKeys } from './keys.js';
import { PlainBackend } from './plain/plain-backend.js';
import type { SeriesSource, SeriesStore, StoreKind } from './series.js';
import { type Module, moduleOf, needModule } from './timeseries/module.js';
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
  /** Which store. Default: what is there already, else what the server can. */
  readonly kind?: StoreKind;
  /** Told once, before the store is handed out. */
  readonly onChoice?: (choice: StoreChoice) => void;
}

/**
 * Opens the series under a prefix: with the TimeSeries module where the server has its commands and the user may use them,
 * else in plain sorted sets. Series that are there already decide for the store that made them; rejects with a
 * `ModuleUnusable` where this connection cannot use the module, and a `RangeError` where another `kind` is asked for. The connection stays the caller's, goes to the server of the prefix, in a cluster too, and has no `keyPrefix`
 * of its own.
 */
export const openSeriesStore = async (
  redis: Redis,
  { prefix, maxSeries = 0, kind, onChoice }: StoreOptions,
): Promise<SeriesStore> => {
  refuseKeyPrefix(redis);
  const keys = new SeriesKeys(prefix);
  const choice = await choose(redis, keys, kind);
  onChoice?.(choice);
  return storeOf(redis, keys, choice.kind, maxSeries);
};

/**
 * The series under a prefix, to be read; undefined where none were ever kept. Writes nothing. Rejects with a
 * `ModuleUnusable` where the TimeSeries module made them and cannot be used here.
 */
export const openSeriesSource = async (redis: Redis, prefix: string): Promise<SeriesSource | undefined> => {
  refuseKeyPrefix(redis);
  const keys = new SeriesKeys(prefix);
  const kind = (await redis.get(keys.kind)) as StoreKind | null;
  if (kind === null) return undefined;
  if (kind === 'timeseries') needModule(await moduleOf(redis, keys), keys);
  return storeOf(redis, keys, kind, 0);
};

const refuseKeyPrefix = (redis: Redis): void => {
  if (redis.options.keyPrefix)
    throw new RangeError('the connection has a keyPrefix: series stores take `prefix` instead');
};

const storeOf = (redis: Redis, keys: SeriesKeys, kind: StoreKind, maxSeries: number): SeriesStore => {
  const backend = kind === 'timeseries' ? new TimeSeriesBackend(redis, keys) : new PlainBackend(redis, keys);
  return new CheckedStore(backend, new Catalogue(redis, keys.catalogue), keys, maxSeries);
};

const choose = async (redis: Redis, keys: SeriesKeys, asked: StoreKind | undefined): Promise<StoreChoice> => {
  const module = asked === 'plain' ? 'missing' : await moduleOf(redis, keys);
  const possible: StoreKind = asked ?? (module === 'usable' ? 'timeseries' : 'plain');
  if (asked === 'timeseries' && module !== 'usable') {
    throw new RangeError(`the timeseries store is asked for, and ${REASONS[module]}`);
  }
  await redis.setnx(keys.kind, possible);
  const kind = (await redis.get(keys.kind)) as StoreKind;
  if (asked !== undefined && kind !== asked) {
    throw new RangeError(`${keys.kind} says that the series are of the ${kind} store, and ${asked} is asked for`);
  }
  if (kind === possible) return { kind, reason: asked === undefined ? REASONS[module] : 'it is asked for' };
  if (kind === 'timeseries') needModule(module, keys);
  return { kind, reason: 'the series that are there were made without the TimeSeries module' };
};

const REASONS: Record<Module, string> = {
  usable: 'the server has the TimeSeries commands',
  missing: 'the server has no TimeSeries commands',
  forbidden: 'this user may not use the TimeSeries commands (NOPERM)',
};
