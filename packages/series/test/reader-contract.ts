import { randomUUID } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import {
  type Aggregate,
  openSeriesReader,
  openSeriesStore,
  parseLabelFilter,
  type SeriesRange,
  type SeriesSpec,
  type SeriesStore,
  type StoreKind,
} from '../src/index.js';

const MINUTE = 60_000;
const ALL = { fromMs: -Infinity, toMs: Infinity, limit: 1_000 };

const at = (...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([timestampMs, value]) => ({ timestampMs, value }));

/** What a reader answers over either store; two prefixes stand for two partitions. */
export const readerContract = (kind: StoreKind, urlOf: () => string, options: RedisOptions = {}): void => {
  let redis: Redis;
  let prefixes: [string, string];
  let stores: [SeriesStore, SeriesStore];

  beforeAll(() => {
    redis = new Redis(urlOf(), options);
  });
  beforeEach(async () => {
    const id = randomUUID();
    prefixes = [`test:{${id}:0}`, `test:{${id}:1}`];
    const open = (prefix: string) => openSeriesStore(redis, { prefix, kind });
    stores = [await open(prefixes[0]), await open(prefixes[1])];
  });
  afterAll(() => redis.quit());

  const keep = async (store: SeriesStore, spec: SeriesSpec, ...pairs: readonly (readonly [number, number])[]) => {
    await store.ensure([spec]);
    await store.add(at(...pairs).map((point) => ({ series: spec.name, ...point })));
  };
  const read = async (filters: readonly string[], range: Partial<SeriesRange> = {}, most = 100) => {
    const parsed = filters.map((text) => parseLabelFilter(text) ?? fail(text));
    return (await openSeriesReader(() => redis, prefixes)).read(parsed, { ...ALL, ...range }, most);
  };
  const fail = (text: string): never => {
    throw new Error(`${text} is no filter`);
  };
  const points = async (range: Partial<SeriesRange> = {}) => (await read([], range)).series[0]?.points;
  const names = async (...filters: string[]) => (await read(filters)).series.map(({ name }) => name);
  const by = (aggregate: Aggregate, bucketMs = 10) => ({ aggregate: { aggregate, bucketMs } });

  it('finds nothing where nothing was ever kept, and writes nothing', async () => {
    const reader = await openSeriesReader(() => redis, ['none:{a}', 'none:{b}']);
    expect(await reader.read([], ALL, 10)).toEqual({ matched: 0, series: [] });
    expect(await redis.exists('none:{a}@kind', 'none:{a}@catalogue')).toBe(0);
  });

  it('finds series by what their labels are, are not, and whether they are there', async () => {
    await keep(stores[0], { name: 'a', labels: { metric: 'wind', site: 'x' } });
    await keep(stores[1], { name: 'b', labels: { metric: 'wind', site: 'y' } });
    await keep(stores[0], { name: 'c', labels: { metric: 'rain=heavy' } });
    expect(await names()).toEqual(['a', 'b', 'c']);
    expect(await names('metric=wind')).toEqual(['a', 'b']);
    expect(await names('metric=wind', 'site!=x')).toEqual(['b']);
    expect(await names('site=(x,y,z)')).toEqual(['a', 'b']);
    expect(await names('site!=(x,z)')).toEqual(['b', 'c']);
    expect(await names('site=')).toEqual(['c']);
    expect(await names('site!=')).toEqual(['a', 'b']);
    expect(await names('metric=rain=heavy')).toEqual(['c']);
    expect(await names('series=b')).toEqual(['b']);
    expect(await names('toString=x')).toEqual([]);
    const two = await read([], {}, 2);
    expect([two.matched, two.series.length]).toEqual([3, 2]);
    expect(two.series[0]).toEqual({ name: 'a', labels: { metric: 'wind', site: 'x' }, points: [] });
  });

  it('gives samples of a range, the earliest first, as many as are asked for', async () => {
    await keep(stores[0], { name: 'a' }, [10, 1], [20, 2], [30, 3]);
    expect(await points()).toEqual(at([10, 1], [20, 2], [30, 3]));
    expect(await points({ fromMs: 11, toMs: 30 })).toEqual(at([20, 2], [30, 3]));
    expect(await points({ limit: 1 })).toEqual(at([10, 1]));
  });

  it('gives whole buckets, whatever part of them the range touches, the last one too', async () => {
    await keep(stores[0], { name: 'a' }, [5, 1], [7, 3], [12, 4], [19, 6], [35, 8]);
    expect(await points(by('avg'))).toEqual(at([0, 2], [10, 5], [30, 8]));
    expect(await points({ fromMs: 6, toMs: 12, ...by('avg') })).toEqual(at([0, 2], [10, 5]));
    expect(await points({ ...by('sum'), limit: 2 })).toEqual(at([0, 4], [10, 10]));
    await expect(points(by('median' as Aggregate))).rejects.toThrow(RangeError);
  });

  it('goes back further than the samples where a rollup does', async () => {
    const rollups = [{ aggregate: 'max', bucketMs: 10 }] as const;
    const pairs = [
      [5, 1],
      [7, 3],
      [15, 4],
      [25, 5],
      [35, 8],
      [38, 2],
    ] as const;
    await keep(stores[0], { name: 'a', retentionMs: 20, rollups }, ...pairs);
    expect(await points()).toEqual(at([25, 5], [35, 8], [38, 2]));
    const maxima = at([0, 3], [10, 4], [20, 5], [30, 8]);
    expect(await points(by('max'))).toEqual(maxima);
    expect(await points({ ...by('max'), limit: 3 })).toEqual(maxima.slice(0, 3));
    expect(await points({ fromMs: 12, toMs: 22, ...by('max') })).toEqual(maxima.slice(1, 3));
    expect(await points(by('min'))).toEqual(at([20, 5], [30, 2]));
  });

  it('has the buckets from before a rollup was kept', async () => {
    await keep(stores[0], { name: 'a' }, [5, 1], [15, 2]);
    const rollups = [{ aggregate: 'sum', bucketMs: 10 }] as const;
    await keep(stores[0], { name: 'a', rollups }, [25, 3], [35, 4], [45, 5]);
    expect(await points(by('sum'))).toEqual(at([0, 1], [10, 2], [20, 3], [30, 4], [40, 5]));
  });

  it('merges a series that is in several partitions', async () => {
    const rollups = (['avg', 'count'] as const).map((aggregate) => ({ aggregate, bucketMs: 10 }));
    await keep(stores[0], { name: 'a', labels: { site: 'x' }, rollups }, [1, 2], [2, 4], [3, 6], [15, 1]);
    await keep(stores[1], { name: 'a', labels: { site: 'x' } }, [2, 100], [9, 8], [25, 7]);
    expect((await read([])).matched).toBe(1);
    expect(await points({ limit: 4 })).toEqual(at([1, 2], [2, 4], [2, 100], [3, 6]));
    const of = async (aggregate: Aggregate) => (await points(by(aggregate)))?.map(({ value }) => value);
    expect(await of('avg')).toEqual([24, 1, 7]);
    expect(await of('min')).toEqual([2, 1, 7]);
    expect(await of('max')).toEqual([100, 1, 7]);
    expect(await of('sum')).toEqual([120, 1, 7]);
    expect(await of('count')).toEqual([5, 1, 1]);
    expect(await of('last')).toEqual([8, 1, 7]);
    expect(await points({ ...by('last'), limit: 1 })).toEqual(at([0, 8]));
  });

  it('leaves out what it could only give wrong', async () => {
    const spec = { name: 'a', retentionMs: 20, rollups: [{ aggregate: 'avg', bucketMs: 10 }] } as const;
    for (const store of stores) await keep(store, spec, [1, 2], [2, 4], [15, 1], [25, 1], [5 * MINUTE, 1]);
    expect(await points(by('avg'))).toEqual(at([5 * MINUTE, 1]));
  });
};
