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
  /** What becomes of two samples of one time. Default `last`; the plain store knows no other. */
  readonly onDuplicate?: OnDuplicate;
}

/**
 * `last`: the later one stays. `min`, `max`: the lesser, the greater. `sum`: both together, so a sample that is sent twice
 * counts twice; see `commandOf`.
 */
export type OnDuplicate = 'last' | 'min' | 'max' | 'sum';

/** A command that adds a sample: its name, the key that it writes, its arguments. */
export type SampleCommand = readonly [name: string, key: string, ...args: (string | number)[]];

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
  /** The value is NaN or infinite. */
  | 'not-finite'
  /** The time is not a whole number of milliseconds from 0. */
  | 'bad-timestamp'
  /** Further behind the series' latest sample than its retention. */
  | 'too-old'
  /** Something else is stored under the series' key or a rollup's. */
  | 'wrong-type'
  /** The server says something else: `detail` has its words. */
  | 'refused';

/** What `add` did with one sample. */
export type SampleResult =
  | { readonly status: 'added' }
  | { readonly status: 'rejected'; readonly reason: Refusal; readonly detail: string };

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

/**
 * Keeps samples and rollups. All methods may be called at the same time; they reject with Redis's error if it is away
 * or full, and may then be called again with the same arguments: samples that arrived are replaced by themselves.
 */
export interface SeriesStore {
  readonly kind: StoreKind;
  /**
   * Makes the series and rollups that are not there and gives those that are the spec's labels and retention. Cheap
   * when called again with the same specs. Each process calls it for what it adds to. A rollup added to a series later
   * starts with the bucket of the series' next sample. Throws a `RangeError` for a spec that cannot be.
   */
  ensure(specs: readonly SeriesSpec[]): Promise<void>;
  /**
   * Adds samples in order; of two with the same time the last one stays. Gives one result for each, in their order; a
   * bad one holds up no other.
   */
  add(samples: readonly Sample[]): Promise<SampleResult[]>;
  /**
   * The command that adds a sample, for whoever runs it together with something else in one step; undefined where the
   * store has none. Where somebody deleted the key its error says so: `forget`, and `ensure` again.
   */
  commandOf(sample: Sample): SampleCommand | SampleResult | undefined;
  /** Looks again at every series at the next `ensure`. */
  forget(): void;
  /** Points from `fromMs` to `toMs`, both inclusive (`-Infinity` and `Infinity` are the ends), earliest first. */
  range(ref: SeriesRef, fromMs: number, toMs: number, options?: RangeOptions): Promise<Point[]>;
  /** The latest point of each, null where there is none (yet). */
  latest(refs: readonly SeriesRef[]): Promise<(Point | null)[]>;
  /** The series that have all of these labels, sorted by name; all series for `{}`. */
  find(labels: Readonly<Record<string, string>>): Promise<SeriesSpec[]>;
  /** The key that the series or rollup is stored under. */
  keyOf(ref: SeriesRef): string;
}
