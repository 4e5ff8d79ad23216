import type { Aggregate, Point, Rollup } from './series.js';

const AGGREGATORS: Record<Aggregate, (values: readonly number[]) => number> = {
  avg: (values) => sum(values) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  sum: (values) => sum(values),
  count: (values) => values.length,
  last: (values) => values[values.length - 1] as number,
};

/** One point for each bucket that has any: `points` are in the order of their time, and so is the result. */
export const aggregatePoints = (points: readonly Point[], { aggregate, bucketMs }: Rollup): Point[] => {
  const buckets = new Map<number, number[]>();
  for (const { timestampMs, value } of points) {
    const start = timestampMs - (timestampMs % bucketMs);
    const values = buckets.get(start);
    if (values) values.push(value);
    else buckets.set(start, [value]);
  }
  return Array.from(buckets, ([timestampMs, values]) => ({ timestampMs, value: AGGREGATORS[aggregate](values) }));
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
