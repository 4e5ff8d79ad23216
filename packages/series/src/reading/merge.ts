import type { Point, Rollup, SeriesSource, SeriesSpec } from '../series.js';
import { readBuckets, type WholeBuckets } from './whole-buckets.js';

/** A series as one partition has it. */
export interface Part {
  readonly source: SeriesSource;
  readonly spec: SeriesSpec;
}

/** The points of several parts in the order of their time, as many as `limit`. */
export const mergePoints = (parts: readonly (readonly Point[])[], limit: number): Point[] =>
  parts
    .flat()
    .sort((a, b) => a.timestampMs - b.timestampMs)
    .slice(0, limit);

/**
 * The buckets of a series that is in several partitions. What one partition alone has is as it says; else sums are
 * added, averages weighed by their counts, and the last is looked for among the samples. A bucket of which that is not
 * kept any more (no samples, and no rollup `count` beside `avg`) is left out rather than given wrong.
 */
export const mergeBuckets = async (parts: readonly Part[], range: WholeBuckets): Promise<Point[]> => {
  const buckets = await bucketsOf(parts, range);
  const counts = range.rollup.aggregate === 'avg' ? await bucketsOf(parts, counted(range)) : undefined;
  const merged = await Promise.all(
    [...buckets].map(async ([timestampMs, of]) => {
      const value = await merge(of, timestampMs, range.rollup, counts?.get(timestampMs));
      return value === undefined || !Number.isFinite(value) ? [] : [{ timestampMs, value }];
    }),
  );
  return merged.flat();
};

/** What each part says of a bucket. */
type ByPart = ReadonlyMap<Part, number>;

/** The first buckets that any part has, by their start, in the order of time. */
const bucketsOf = async (parts: readonly Part[], range: WholeBuckets): Promise<Map<number, ByPart>> => {
  const found = new Map<number, Map<Part, number>>();
  const each = await Promise.all(parts.map(({ source, spec }) => readBuckets(source, spec, range)));
  each.forEach((points, i) => {
    for (const { timestampMs, value } of points) {
      const bucket = found.get(timestampMs) ?? new Map<Part, number>();
      found.set(timestampMs, bucket.set(parts[i] as Part, value));
    }
  });
  return new Map([...found].sort(([a], [b]) => a - b).slice(0, range.limit));
};

const counted = (range: WholeBuckets): WholeBuckets => ({
  ...range,
  rollup: { aggregate: 'count', bucketMs: range.rollup.bucketMs },
});

const merge = async (
  of: ByPart,
  start: number,
  { aggregate, bucketMs }: Rollup,
  counts: ByPart | undefined,
): Promise<number | undefined> => {
  const values = [...of.values()];
  if (values.length === 1) return values[0];
  if (aggregate === 'min') return Math.min(...values);
  if (aggregate === 'max') return Math.max(...values);
  if (aggregate === 'avg') return weigh(of, counts);
  if (aggregate === 'last') return last([...of.keys()], start, start + bucketMs - 1);
  return sum(values);
};

const weigh = (averages: ByPart, counts: ByPart | undefined): number | undefined => {
  const pairs = [...averages].map(([part, average]) => [average, counts?.get(part)] as const);
  if (pairs.some(([, count]) => count === undefined)) return undefined;
  const total = sum(pairs.map(([, count = 0]) => count));
  return sum(pairs.map(([average, count = 0]) => average * (count / total)));
};

const last = async (parts: readonly Part[], fromMs: number, toMs: number): Promise<number | undefined> => {
  const samples = await Promise.all(parts.map(({ source, spec }) => source.range({ series: spec.name }, fromMs, toMs)));
  if (samples.some(({ length }) => length === 0)) return undefined;
  return mergePoints(samples, Number.POSITIVE_INFINITY).at(-1)?.value;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
