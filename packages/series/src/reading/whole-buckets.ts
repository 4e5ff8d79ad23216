import type { Point, Rollup, SeriesSource, SeriesSpec } from '../series.js';

/** A range of whole buckets: the first begins at `fromMs`, the last ends with `toMs`. */
export interface WholeBuckets {
  readonly rollup: Rollup;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

/** The range, widened to the buckets that it touches, so that a rollup and the samples themselves say the same. */
export const wholeBuckets = (rollup: Rollup, fromMs: number, toMs: number, limit: number): WholeBuckets => {
  const start = (timeMs: number): number => timeMs - (timeMs % rollup.bucketMs);
  return {
    rollup,
    fromMs: start(Math.max(0, fromMs)),
    toMs: Number.isFinite(toMs) ? start(toMs) + rollup.bucketMs - 1 : toMs,
    limit,
  };
};

/**
 * The buckets of a series. Where it keeps the rollup they are the rollup's, which goes back further than the samples; what
 * it does not have, from before it was kept and of the bucket that is not complete, is of the samples.
 */
export const readBuckets = async (source: SeriesSource, spec: SeriesSpec, range: WholeBuckets): Promise<Point[]> => {
  const { rollup, fromMs, toMs, limit } = range;
  const series = spec.name;
  const kept = spec.rollups?.some(
    ({ aggregate, bucketMs }) => aggregate === rollup.aggregate && bucketMs === rollup.bucketMs,
  );
  const ofSamples = (from: number, to: number): Promise<Point[]> =>
    source.range({ series }, from, to, { aggregate: rollup, limit });
  const points = kept ? await source.range({ series, rollup }, fromMs, toMs, { limit }) : [];
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return ofSamples(fromMs, toMs);
  const [before, after] = await Promise.all([
    ofSamples(fromMs, first.timestampMs - 1),
    points.length < limit ? ofSamples(last.timestampMs + rollup.bucketMs, toMs) : [],
  ]);
  return [...before, ...points, ...after].slice(0, limit);
};
