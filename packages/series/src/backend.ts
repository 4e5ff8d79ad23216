import type { Point, Rollup, Sample, SampleCommand, SampleResult, SeriesSpec, StoreKind } from './series.js';

/** Where to read, and what the spec says of it. */
export interface Source {
  readonly key: string;
  /** 0: for ever. */
  readonly retentionMs: number;
}

/** A range as a backend reads it. */
export interface RangeQuery {
  /** A whole number from 0. */
  readonly fromMs: number;
  /** A whole number not below it, or Infinity. */
  readonly toMs: number;
  readonly aggregate: Rollup | undefined;
  /** From 1; Infinity: all. */
  readonly limit: number;
}

/** What the two stores do differently. What goes in is checked already. */
export interface Backend {
  readonly kind: StoreKind;
  /** What it cannot keep of a spec, in words; undefined: it keeps all of it. */
  lacks(spec: SeriesSpec): Promise<string | undefined>;
  /** Makes what is not there. A key that is something else is left to `add`, which names it sample by sample. */
  create(specs: readonly SeriesSpec[]): Promise<void>;
  /** At most 500 samples; `specOf` knows the series of each. */
  add(samples: readonly Sample[], specOf: (series: string) => SeriesSpec): Promise<SampleResult[]>;
  /** The command that adds them; undefined where it takes more than a command. */
  commandOf(samples: readonly Sample[]): SampleCommand | undefined;
  range(source: Source, query: RangeQuery): Promise<Point[]>;
  latest(keys: readonly string[]): Promise<(Point | null)[]>;
}
