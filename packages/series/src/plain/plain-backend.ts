import type { Redis } from 'ioredis';
import { Buckets } from '../aggregate.js';
import type { Backend, RangeQuery, Source } from '../backend.js';
import { rejected } from '../check.js';
import { FunctionsCaller } from '../functions-caller.js';
import type { SeriesKeys } from '../keys.js';
import type { Point, Sample, SampleResult, SeriesSpec } from '../series.js';
import { type NumberedSample, seriesCall } from './series-call.js';

/** Members that one call reads: Redis does nothing else meanwhile. */
const PAGE = 10_000;

/** Sorted sets and a Function: for any Redis from 7.0 on, Valkey and js-redis-server. */
export class PlainBackend implements Backend {
  readonly kind = 'plain';
  private readonly functions: FunctionsCaller;

  constructor(
    private readonly redis: Redis,
    private readonly keys: SeriesKeys,
  ) {
    this.functions = new FunctionsCaller(redis);
  }

  async lacks({ onDuplicate = 'last' }: SeriesSpec): Promise<string | undefined> {
    if (onDuplicate !== 'sum' && onDuplicate !== 'block') return undefined;
    return `the duplicate policy ${onDuplicate} needs the TimeSeries module: plain series may get a sample twice`;
  }

  /** There is nothing to make: keys come with their first sample, and each call carries the spec. */
  async create(): Promise<void> {}

  async add(samples: readonly Sample[], specOf: (series: string) => SeriesSpec): Promise<SampleResult[]> {
    const parts = [...bySeries(samples)].map(([name, own]) => seriesCall(this.keys, specOf(name), own));
    const answers = (await this.functions.call(
      'add',
      parts.flatMap(({ keys }) => keys),
      parts.flatMap(({ args }) => args),
    )) as string[];
    const results: SampleResult[] = [];
    parts
      .flatMap(({ samples: own }) => own)
      .forEach((sample, i) => {
        results[sample.index] = this.resultOf(answers[i], sample, specOf(sample.series));
      });
    return results;
  }

  commandOf(): undefined {
    return undefined; // It takes a Function, which no other Function can call.
  }

  async range({ key, retentionMs }: Source, { fromMs, toMs, aggregate, limit }: RangeQuery): Promise<Point[]> {
    const buckets = aggregate && new Buckets(aggregate);
    const points: Point[] = [];
    for (let from = fromMs; ; ) {
      const most = Math.min(PAGE, buckets ? PAGE : limit - points.length);
      const args = [from, toMs === Number.POSITIVE_INFINITY ? '+inf' : toMs, retentionMs, most];
      const page = ((await this.functions.call('range', [key], args)) as string[]).map(pointOf);
      if (buckets) for (const point of page) buckets.add(point);
      else points.push(...page);
      // A bucket is whole once there is one after it.
      const isEnough = buckets ? buckets.count > limit : points.length >= limit;
      if (page.length < most || isEnough) return buckets ? buckets.points().slice(0, limit) : points;
      from = (page.at(-1) as Point).timestampMs + 1;
    }
  }

  latest(keys: readonly string[]): Promise<(Point | null)[]> {
    return Promise.all(
      keys.map(async (key) => {
        const [member] = await this.redis.zrevrange(key, 0, 0);
        return member === undefined ? null : pointOf(member);
      }),
    );
  }

  private resultOf(answer: string | undefined, { series, timestampMs }: Sample, spec: SeriesSpec): SampleResult {
    if (answer === 'ok') return { status: 'added' };
    if (answer === 'old') {
      return rejected(
        'too-old',
        `${timestampMs} is more than ${spec.retentionMs} ms behind the latest sample of ${series}`,
      );
    }
    return rejected('wrong-type', `${this.keys.of({ series })}, or a rollup of it, is not a sorted set`);
  }
}

const bySeries = (samples: readonly Sample[]): Map<string, NumberedSample[]> => {
  const grouped = new Map<string, NumberedSample[]>();
  samples.forEach((sample, index) => {
    const own = grouped.get(sample.series);
    if (own) own.push({ ...sample, index });
    else grouped.set(sample.series, [{ ...sample, index }]);
  });
  return grouped;
};

const pointOf = (member: string): Point => {
  const colon = member.indexOf(':');
  return { timestampMs: Number(member.slice(0, colon)), value: Number(member.slice(colon + 1)) };
};
