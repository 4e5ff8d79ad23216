import type { Redis } from 'ioredis';
import type { Backend, RangeQuery, Source } from '../backend.js';
import type { SeriesKeys } from '../keys.js';
import type { Point, Sample, SampleCommand, SampleResult, SeriesSpec } from '../series.js';
import { Creation } from './creation.js';
import { isMissing, mayBeMissing, resultOf } from './reply.js';

/** The module RedisTimeSeries, part of Redis 8. */
export class TimeSeriesBackend implements Backend {
  readonly kind = 'timeseries';
  private readonly creation: Creation;

  constructor(
    private readonly redis: Redis,
    private readonly keys: SeriesKeys,
  ) {
    this.creation = new Creation(redis, keys);
  }

  create(specs: readonly SeriesSpec[]): Promise<void> {
    return this.creation.create(specs);
  }

  /** Keys that went missing since they were made (FLUSHALL, DEL) are made again, once. */
  async add(samples: readonly Sample[], specOf: (series: string) => SeriesSpec): Promise<SampleResult[]> {
    const replies = await this.madd(samples);
    const missing = samples.filter((_, index) => mayBeMissing(replies[index]));
    if (missing.length > 0) {
      await this.create([...new Set(missing.map(({ series }) => series))].map(specOf));
      const again = await this.madd(missing);
      samples.forEach((_, index) => {
        if (mayBeMissing(replies[index])) replies[index] = again.shift();
      });
    }
    return replies.map(resultOf);
  }

  // Not TS.ADD, which makes a key that is not there, without its rollups.
  commandOf({ series, timestampMs, value }: Sample): SampleCommand {
    return ['TS.MADD', this.keys.of({ series }), timestampMs, value];
  }

  async range({ key }: Source, { fromMs, toMs, aggregate, limit }: RangeQuery): Promise<Point[]> {
    const options: (string | number)[] = [];
    if (Number.isFinite(limit)) options.push('COUNT', limit);
    if (aggregate) options.push('AGGREGATION', aggregate.aggregate, aggregate.bucketMs);
    const found = await this.orNothing(
      'TS.RANGE',
      key,
      fromMs,
      toMs === Number.POSITIVE_INFINITY ? '+' : toMs,
      ...options,
    );
    return found.map((pair) => pointOf(pair as Pair));
  }

  latest(keys: readonly string[]): Promise<(Point | null)[]> {
    return Promise.all(
      keys.map(async (key) => {
        const found = await this.orNothing('TS.GET', key);
        return found.length === 0 ? null : pointOf(found as unknown as Pair);
      }),
    );
  }

  private madd(samples: readonly Sample[]): Promise<unknown[]> {
    const args = samples.flatMap(({ series, timestampMs, value }) => [this.keys.of({ series }), timestampMs, value]);
    return this.redis.call('TS.MADD', ...args) as Promise<unknown[]>;
  }

  private async orNothing(command: string, ...args: readonly (string | number)[]): Promise<unknown[]> {
    try {
      return (await this.redis.call(command, ...args)) as unknown[];
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

/** Numbers in RESP3, text in RESP2. */
type Pair = readonly [number | string, number | string];

const pointOf = ([time, value]: Pair): Point => ({ timestampMs: Number(time), value: Number(value) });
