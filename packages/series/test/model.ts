import { Buckets } from '../src/aggregate.js';
import type { Point, Rollup } from '../src/index.js';

/** A series that forgets nothing: what it holds behind the retention is left out when it is asked. */
export class Model {
  private readonly values = new Map<number, number>();
  private last = 0;

  constructor(private readonly retentionMs: number) {}

  /** Whether it takes the sample. */
  add(timestampMs: number, value: number): boolean {
    if (timestampMs < this.oldest()) return false;
    this.values.set(timestampMs, value);
    this.last = Math.max(this.last, timestampMs);
    return true;
  }

  points(): Point[] {
    return this.all().filter(({ timestampMs }) => timestampMs >= this.oldest());
  }

  /** All buckets but that of the latest sample. */
  rollup(rollup: Rollup): Point[] {
    const buckets = new Buckets(rollup);
    for (const point of this.all()) buckets.add(point);
    return buckets.points().slice(0, -1);
  }

  private all(): Point[] {
    const points = Array.from(this.values, ([timestampMs, value]) => ({ timestampMs, value }));
    return points.sort((a, b) => a.timestampMs - b.timestampMs);
  }

  private oldest(): number {
    return this.retentionMs === 0 ? 0 : this.last - this.retentionMs;
  }
}

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
export const randomNumbers = (seed: number): ((bound: number) => number) => {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((((mixed ^ (mixed >>> 14)) >>> 0) * bound) / 2 ** 32) | 0;
  };
};
