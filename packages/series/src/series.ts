/**
 * Samples and rollups. A *series* is a named row of samples, one for each millisecond; a *rollup* is a series of its
 * own that holds one aggregate of each bucket of another. A store keeps the series of one prefix, so of one slot.
 *
 * Both stores keep to the same rules, which are those of Redis TimeSeries. The bucket of a sample starts at
 * `timestampMs - timestampMs % bucketMs`. A rollup has no point for a bucket until that is complete, that is until a
 * sample of a later bucket came; a late sample changes the point of its bucket.
 */

/** What a rollup, or a range, makes of the samples of a bucket. `last` is the value of the latest. */
export type Aggregate = 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';

/** Names a rollup of a series. */
export interface Rollup {
  readonly aggregate: Aggregate;
  readonly bucketMs: number;
}

/**
 * A rollup to keep. Where a bucket is longer than the series' retention, or reaches behind it, a late sample makes
 * TimeSeries compute its point from what is within the retention only; the plain store still knows the rest. So give a
 * series a retention of two of its longest buckets at least.
 */
export interface RollupSpec extends Rollup {
  /** How long its points are kept, in milliseconds behind the latest one. Default 0: for ever. */
  readonly retentionMs?: number;
}

/** A series to keep. */
export interface SeriesSpec {
  /** Any text, unique under the store's prefix; `seriesName` makes one of several parts. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** How long samples are kept, in milliseconds behind the latest one. Default 0: for ever. */
  readonly retentionMs?: number;
  readonly rollups?: readonly RollupSpec[];
  /** What becomes of two samples of one time. Default `last`; the plain store knows neither `sum` nor `block`. */
  readonly onDuplicate?: OnDuplicate;
  /** Leaves samples out that say nothing new. Default: none. Needs `last`, and of TimeSeries 1.12, which Redis 8 has. */
  readonly ignore?: Ignore;
  /** Size of a chunk of TimeSeries, from 48 to 1048576 bytes, a multiple of 8. Default 4096. Nothing to the plain store. */
  readonly chunkSize?: number;
}

/**
 * `last`: the later one stays; `first`: the earlier. `min`, `max`: the lesser, the greater. `sum`: both together, so a
 * sample that is sent twice counts twice. `block`: the later one is refused, so a sample that is sent twice is. For both
 * see `commandOf`.
 */
export type OnDuplicate = 'last' | 'first' | 'min' | 'max' | 'sum' | 'block';

/**
 * Which samples say nothing new: those not earlier than the latest of their series, at most `timeMs` after it and
 * different by at most `value`. They count as added.
 */
export interface Ignore {
  readonly timeMs: number;
  readonly value: number;
}

/** A command that adds samples, and the keys that it writes. */
export interface SampleCommand {
  readonly words: readonly (string | number)[];
  readonly keys: readonly string[];
}

/** One reading. */
export interface Sample {
  /** Name of the series. */
  readonly series: string;
  /** Unix milliseconds, a whole number from 0. */
  readonly timestampMs: number;
  readonly value: number;
}

/** A sample of a series, or the aggregate of a bucket under the bucket's start. */
export interface Point {
  readonly timestampMs: number;
  readonly value: number;
}

/** Why a sample was not added. None of these goes away by trying again. */
export type Refusal =
  /** The series was never passed to this store's `ensure`. */
  | 'unknown-series'
  /** The series is new, and the store has as many as it may. */
  | 'too-many-series'
  /** The value is NaN or infinite. */
  | 'not-finite'
  /** The time is not a whole number of milliseconds from 0. */
  | 'bad-timestamp'
  /** Further behind the series' latest sample than its retention. */
  | 'too-old'
  /** There is one of this time already, and `onDuplicate` is `block`. */
  | 'duplicate'
  /** Something else is stored under the series' key or a rollup's. */
  | 'wrong-type'
  /** The server says something else: `detail` has its words. */
  | 'refused';

/** A sample that was not added. */
export interface Rejection {
  readonly status: 'rejected';
  readonly reason: Refusal;
  readonly detail: string;
}

/** What `add` did with one sample. */
export type SampleResult = { readonly status: 'added' } | Rejection;

/** A series, or one of its rollups. */
export interface SeriesRef {
  readonly series: string;
  readonly rollup?: Rollup;
}

/** How to read a range. */
export interface RangeOptions {
  /** Read aggregates of buckets instead of the points themselves; the last bucket counts although it is not complete. */
  readonly aggregate?: Rollup;
  /** Most points to give, from the earliest on. Default: all. */
  readonly limit?: number;
}

/** Whether samples are kept by the TimeSeries module or in plain sorted sets. */
export type StoreKind = 'timeseries' | 'plain';

/** Reads samples and rollups, the same from both stores. All methods reject with Redis's error if it is away. */
export interface SeriesSource {
  readonly kind: StoreKind;
  /** Points from `fromMs` to `toMs`, both inclusive (`-Infinity` and `Infinity` are the ends), earliest first. */
  range(ref: SeriesRef, fromMs: number, toMs: number, options?: RangeOptions): Promise<Point[]>;
  /** The latest point of each, null where there is none (yet). */
  latest(refs: readonly SeriesRef[]): Promise<(Point | null)[]>;
  /** The series that have all of these labels, sorted by name; all series for `{}`. */
  find(labels: Readonly<Record<string, string>>): Promise<SeriesSpec[]>;
  /** The key that the series or rollup is stored under. */
  keyOf(ref: SeriesRef): string;
}

/**
 * Keeps samples and rollups. All methods may be called at the same time; they reject with Redis's error if it is away
 * or full, and may then be called again with the same arguments: samples that arrived are replaced by themselves.
 */
export interface SeriesStore extends SeriesSource {
  /**
   * Makes the series and rollups that are not there and gives those that are the spec's labels, retention and policies.
   * Cheap when called again with the same specs. Each process calls it for what it adds to. A rollup added to a series
   * later starts with the bucket of the series' next sample. Where the store has as many series as it may, new ones are
   * not made, and `add` says so of their samples. Throws a `RangeError` for a spec that cannot be.
   */
  ensure(specs: readonly SeriesSpec[]): Promise<void>;
  /** What this store cannot keep of a spec that could be, in words, and makes nothing; undefined: it keeps all of it. */
  examine(spec: SeriesSpec): Promise<string | undefined>;
  /**
   * Adds samples in order. Gives one result for each, in their order; a bad one holds up no other. Samples that come in
   * the order of their time cost least, and of them none is too old for another of the same call.
   */
  add(samples: readonly Sample[]): Promise<SampleResult[]>;
  /**
   * The command that adds samples, from 1 to 500, for whoever runs it together with something else in one step; the first
   * refusal where one of them is bad; undefined where the store has none. Where somebody deleted a key its error says so:
   * `forget`, and `ensure` again.
   */
  commandOf(samples: readonly Sample[]): SampleCommand | Rejection | undefined;
  /** Looks again at every series at the next `ensure`. */
  forget(): void;
}
