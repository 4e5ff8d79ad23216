import type { Redis } from 'ioredis';
import { aggregatePoints } from '../aggregate.js';
import type { Backend, RangeQuery, Source } from '../backend.js';
import { rejected } from '../check.js';
import type { SeriesKeys } from '../keys.js';
import type { Point, Sample, SampleResult, SeriesSpec } from '../series.js';
import { FunctionsCaller } from './functions-caller.js';
import { type NumberedSample, seriesCall } from './series-call.js';

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
    const most = aggregate || !Number.isFinite(limit) ? -1 : limit;
    const args = [fromMs, toMs === Number.POSITIVE_INFINITY ? '+inf' : toMs, retentionMs, most];
    const points = ((await this.functions.call('range', [key], args)) as string[]).map(pointOf);
    return aggregate ? aggregatePoints(points, aggregate).slice(0, limit) : points;
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
