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
  private ignores: Promise<boolean> | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly keys: SeriesKeys,
  ) {
    this.creation = new Creation(redis, keys);
  }

  async lacks({ ignore }: SeriesSpec): Promise<string | undefined> {
    if (ignore === undefined || (await this.canIgnore())) return undefined;
    return 'this TimeSeries module has no IGNORE: it requires TimeSeries 1.12, or Redis 8';
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
  commandOf(samples: readonly Sample[]): SampleCommand {
    return {
      words: ['TS.MADD', ...this.triples(samples)],
      keys: samples.map(({ series }) => this.keys.of({ series })),
    };
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
    return this.redis.call('TS.MADD', ...this.triples(samples)) as Promise<unknown[]>;
  }

  private triples(samples: readonly Sample[]): (string | number)[] {
    return samples.flatMap(({ series, timestampMs, value }) => [this.keys.of({ series }), timestampMs, value]);
  }

  // An older module takes the option and does nothing with it, so a key is made and deleted again. Not in a transaction, which is
  // not for every user: a key that was left there by a crash does as well, and goes.
  private canIgnore(): Promise<boolean> {
    const key = this.keys.probe;
    this.ignores ??= this.redis
      .pipeline()
      .call('TS.CREATE', key, 'IGNORE', 0, 0)
      .call('TS.INFO', key)
      .del(key)
      .exec()
      .then((replies) => /ignoreMaxTimeDiff/i.test(JSON.stringify(replies?.[1]?.[1] ?? '')))
      .catch((error: unknown) => {
        this.ignores = undefined;
        throw error;
      });
    return this.ignores;
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
