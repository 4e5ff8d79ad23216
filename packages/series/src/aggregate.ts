import type { Aggregate, Point, Rollup } from './series.js';

interface Bucket {
  readonly timestampMs: number;
  count: number;
  sum: number;
  /** Of the values by `SCALE`: it stays finite where the sum does not. */
  scaled: number;
  min: number;
  max: number;
  last: number;
}

/** A power of two, so that nothing is rounded. */
const SCALE = 2 ** -20;

const VALUES: Record<Aggregate, (bucket: Bucket) => number> = {
  avg: ({ sum, scaled, count }) => (Number.isFinite(sum) ? sum / count : scaled / count / SCALE),
  min: ({ min }) => min,
  max: ({ max }) => max,
  sum: ({ sum }) => sum,
  count: ({ count }) => count,
  last: ({ last }) => last,
};

/** Aggregates points that come in the order of their time. */
export class Buckets {
  private readonly all: Bucket[] = [];

  constructor(private readonly rollup: Rollup) {}

  /** How many buckets have a point. */
  get count(): number {
    return this.all.length;
  }

  add({ timestampMs, value }: Point): void {
    const start = timestampMs - (timestampMs % this.rollup.bucketMs);
    const bucket = this.all.at(-1);
    if (bucket?.timestampMs !== start) {
      this.all.push({
        timestampMs: start,
        count: 1,
        sum: value,
        scaled: value * SCALE,
        min: value,
        max: value,
        last: value,
      });
      return;
    }
    bucket.count += 1;
    bucket.sum += value;
    bucket.scaled += value * SCALE;
    bucket.min = Math.min(bucket.min, value);
    bucket.max = Math.max(bucket.max, value);
    bucket.last = value;
  }

  /** One point for each bucket that has any, in the order of time. A sum that no double holds has none. */
  points(): Point[] {
    const summarise = VALUES[this.rollup.aggregate];
    return this.all
      .map((bucket) => ({ timestampMs: bucket.timestampMs, value: summarise(bucket) }))
      .filter(({ value }) => Number.isFinite(value));
  }
}
