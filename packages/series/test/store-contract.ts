import { randomUUID } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { AGGREGATES } from '../src/check.js';
import { openSeriesStore, type RollupSpec, type SampleResult, type SeriesStore, type StoreKind } from '../src/index.js';
import { Model, randomNumbers } from './model.js';

const MINUTE = 60_000;
const AVG: RollupSpec = { aggregate: 'avg', bucketMs: MINUTE };
const ADDED: SampleResult = { status: 'added' };

const at = (...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([timestampMs, value]) => ({ timestampMs, value }));
const samples = (series: string, ...pairs: readonly (readonly [number, number])[]) =>
  at(...pairs).map((point) => ({ series, ...point }));

/** What both stores promise, on a server that gives this kind of store. */
export const storeContract = (kind: StoreKind, urlOf: () => string, options: RedisOptions = {}): void => {
  let redis: Redis;
  let store: SeriesStore;
  let prefix: string;

  beforeAll(() => {
    redis = new Redis(urlOf(), options);
  });
  beforeEach(async () => {
    prefix = `test:{${randomUUID()}}:series`;
    store = await openSeriesStore(redis, { prefix, kind });
  });
  afterAll(() => redis.quit());

  const all = (series: string, rollup?: RollupSpec) => store.range({ series, rollup }, -Infinity, Infinity);
  const reasons = (results: readonly SampleResult[]) =>
    results.map((result) => (result.status === 'added' ? 'added' : result.reason));

  it('is the kind that is asked for, and no other after that', async () => {
    const choices: unknown[] = [];
    const again = await openSeriesStore(redis, { prefix, kind, onChoice: (choice) => choices.push(choice) });
    expect([again.kind, ...choices]).toEqual([kind, { kind, reason: 'it is asked for' }]);
    expect((await openSeriesStore(redis, { prefix })).kind).toBe(kind);
    const other = kind === 'plain' ? 'timeseries' : 'plain';
    await expect(openSeriesStore(redis, { prefix, kind: other })).rejects.toThrow(RangeError);
  });

  describe('samples', () => {
    it('come back in the order of their time, within the range', async () => {
      await store.ensure([{ name: 'a' }]);
      expect(await store.add(samples('a', [30, 3], [10, 1], [20, -2.5], [40, 0.1]))).toEqual(Array(4).fill(ADDED));
      expect(await all('a')).toEqual(at([10, 1], [20, -2.5], [30, 3], [40, 0.1]));
      expect(await store.range({ series: 'a' }, 20, 30)).toEqual(at([20, -2.5], [30, 3]));
      expect(await store.range({ series: 'a' }, 11, Infinity, { limit: 2 })).toEqual(at([20, -2.5], [30, 3]));
      for (const [from, to] of [
        [50, 60],
        [30, 20],
        [-5, -1],
        [20.1, 20.9],
        [Number.NaN, 20],
      ] as const) {
        expect(await store.range({ series: 'a' }, from, to)).toEqual([]);
      }
      expect(await store.range({ series: 'a' }, 19.5, 20.5)).toEqual(at([20, -2.5]));
      expect(await store.range({ series: 'a' }, 0, 99, { limit: 0 })).toEqual([]);
    });

    it('keep every bit of their value and time', async () => {
      await store.ensure([{ name: 'a' }]);
      const exact = [0.1 + 0.2, 1e21, -1.7976931348623157e308, 5e-324, 1 / 3, 0, 123456789012345680];
      const now = 1_795_000_000_123;
      await store.add(exact.map((value, i) => ({ series: 'a', timestampMs: now + i, value })));
      expect(await all('a')).toEqual(exact.map((value, i) => ({ timestampMs: now + i, value })));
    });

    it('of the same time are replaced by the last, in one call or another, early or late', async () => {
      await store.ensure([{ name: 'a' }]);
      await store.add(samples('a', [10, 1], [10, 2], [20, 1], [10, 3]));
      expect(await all('a')).toEqual(at([10, 3], [20, 1]));
      await store.add(samples('a', [20, 1], [20, 5], [10, 4]));
      expect(await all('a')).toEqual(at([10, 4], [20, 5]));
    });

    it('that are bad are named by index and hold up no other', async () => {
      await store.ensure([{ name: 'a' }]);
      const results = await store.add([
        ...samples('a', [1, 1], [2, Number.NaN], [3, Infinity], [-1, 1], [1.5, 1], [Number.NaN, 1]),
        ...samples('never', [1, 1]),
        ...samples('a', [4, 4]),
      ]);
      expect(reasons(results)).toEqual([
        'added',
        'not-finite',
        'not-finite',
        'bad-timestamp',
        'bad-timestamp',
        'bad-timestamp',
        'unknown-series',
        'added',
      ]);
      expect(results[6]).toMatchObject({ detail: 'the series never was never ensured' });
      expect(await all('a')).toEqual(at([1, 1], [4, 4]));
    });

    it('of many series go in one call, and more than one call takes', async () => {
      const names = ['a', 'b', 'c'];
      await store.ensure(names.map((name) => ({ name })));
      const many = Array.from({ length: 2_000 }, (_, i) => ({
        series: names[i % 3] as string,
        timestampMs: 1_000 + i,
        value: i,
      }));
      expect(await store.add(many)).toEqual(Array(2_000).fill(ADDED));
      for (const name of names) {
        expect(await all(name)).toEqual(
          many.filter(({ series }) => series === name).map(({ timestampMs, value }) => ({ timestampMs, value })),
        );
      }
      expect(await store.add([])).toEqual([]);
    });

    it('are there for another store that only reads', async () => {
      await store.ensure([{ name: 'a', retentionMs: 100 }]);
      await store.add(samples('a', [10, 1], [200, 2]));
      const reader = await openSeriesStore(redis, { prefix });
      expect(await reader.range({ series: 'a' }, 0, Infinity)).toEqual(at([200, 2]));
      expect(await reader.range({ series: 'unheard of' }, 0, Infinity)).toEqual([]);
    });

    it('go on when the server lost everything', async () => {
      await store.ensure([{ name: 'a', rollups: [AVG] }]);
      await store.add(samples('a', [10, 1]));
      await redis.del(store.keyOf({ series: 'a' }), store.keyOf({ series: 'a', rollup: AVG }));
      expect(await store.add(samples('a', [20, 2], [MINUTE, 3]))).toEqual([ADDED, ADDED]);
      expect(await all('a')).toEqual(at([20, 2], [MINUTE, 3]));
      expect(await all('a', AVG)).toEqual(at([0, 2]));
    });

    it('of the same time are kept by the policy of their series', async () => {
      const kept = { last: 2, first: 3, min: 1, max: 5 } as const;
      for (const [policy, value] of Object.entries(kept)) {
        await store.ensure([{ name: policy, onDuplicate: policy as keyof typeof kept, rollups: [AVG] }]);
        await store.add(samples(policy, [10, 3], [10, 1], [10, 5]));
        await store.add(samples(policy, [MINUTE, 9], [10, 2]));
        expect(await all(policy)).toEqual(at([10, value], [MINUTE, 9]));
        expect(await all(policy, AVG)).toEqual(at([0, value]));
      }
    });

    it('that say nothing new are ignored, or the store says that it cannot', async () => {
      const spec = { name: 'a', ignore: { timeMs: 10, value: 0.5 }, rollups: [AVG] } as const;
      const lacking = await store.examine(spec);
      if (lacking !== undefined) {
        expect(lacking).toMatch(/has no IGNORE: it requires TimeSeries 1\.12/);
        await expect(store.ensure([spec])).rejects.toThrow(lacking);
        return;
      }
      await store.ensure([spec]);
      const pairs = [
        [100, 1],
        [105, 1.5],
        [110, 1.6],
        [115, 1.5],
        [126, 1.5],
        [90, 1.5],
        [MINUTE, 0],
      ] as const;
      expect(await store.add(samples('a', ...pairs))).toEqual(Array(7).fill(ADDED));
      expect(await all('a')).toEqual(at([90, 1.5], [100, 1], [110, 1.6], [126, 1.5], [MINUTE, 0]));
      expect(await all('a', AVG)).toEqual(at([0, 5.6 / 4]));
    });

    it('of a series too many are refused, whatever process makes it', async () => {
      const limited = () => openSeriesStore(redis, { prefix, maxSeries: 3 });
      const [one, other] = await Promise.all([limited(), limited()]);
      await one.ensure([{ name: 'a' }, { name: 'b' }]);
      await other.ensure([{ name: 'b' }, { name: 'c' }, { name: 'd' }, { name: 'e' }]);
      await one.ensure([{ name: 'e' }, { name: 'a', labels: { still: 'changed' } }]);
      const results = await other.add(['b', 'c', 'd'].flatMap((name) => samples(name, [1, 1])));
      expect(reasons(results)).toEqual(['added', 'added', 'too-many-series']);
      expect(results[2]).toMatchObject({ detail: 'the series d is new, but the limit of 3 series is reached' });
      expect(await one.add(samples('e', [1, 1]))).toMatchObject([{ reason: 'too-many-series' }]);
      expect((await store.find({})).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
      expect(await store.find({ still: 'changed' })).toHaveLength(1);
      expect(await redis.exists(store.keyOf({ series: 'd' }))).toBe(0);
    });

    it('keep off a key that is something else', async () => {
      await redis.set(store.keyOf({ series: 'taken' }), 'a string');
      await store.ensure([{ name: 'taken' }, { name: 'a' }]);
      const results = await store.add([...samples('taken', [1, 1]), ...samples('a', [1, 1])]);
      expect(reasons(results)).toEqual(['wrong-type', 'added']);
      expect(await redis.get(store.keyOf({ series: 'taken' }))).toBe('a string');
    });
  });

  describe('retention', () => {
    it('refuses what is too old and forgets what becomes so', async () => {
      await store.ensure([{ name: 'a', retentionMs: 100 }]);
      expect(reasons(await store.add(samples('a', [1_000, 1], [900, 2], [899, 3])))).toEqual([
        'added',
        'added',
        'too-old',
      ]);
      expect(await all('a')).toEqual(at([900, 2], [1_000, 1]));
      await store.add(samples('a', [1_050, 4]));
      expect(await all('a')).toEqual(at([1_000, 1], [1_050, 4]));
      expect(await store.range({ series: 'a' }, 0, 1_000)).toEqual(at([1_000, 1]));
    });

    it('is that of the latest spec', async () => {
      await store.ensure([{ name: 'a', retentionMs: 100 }]);
      await store.add(samples('a', [1_000, 1]));
      await store.ensure([{ name: 'a', retentionMs: 500 }]);
      expect(await store.add(samples('a', [600, 2]))).toEqual([ADDED]);
      expect(await all('a')).toEqual(at([600, 2], [1_000, 1]));
    });

    it('of a rollup is its own', async () => {
      const kept: RollupSpec = { aggregate: 'sum', bucketMs: 10, retentionMs: 20 };
      await store.ensure([{ name: 'a', rollups: [kept] }]);
      await store.add(samples('a', [5, 1], [15, 2], [25, 3], [35, 4], [45, 5]));
      expect(await all('a', kept)).toEqual(at([10, 2], [20, 3], [30, 4]));
      expect(await all('a')).toHaveLength(5);
    });
  });

  describe('rollups', () => {
    it('have no point for a bucket until a later one begins', async () => {
      await store.ensure([{ name: 'a', rollups: [AVG] }]);
      await store.add(samples('a', [MINUTE, 10], [2 * MINUTE - 1, 20]));
      expect(await store.latest([{ series: 'a', rollup: AVG }])).toEqual([null]);
      await store.add(samples('a', [2 * MINUTE, 99]));
      expect(await store.latest([{ series: 'a', rollup: AVG }])).toEqual(at([MINUTE, 15]));
      await store.add(samples('a', [9 * MINUTE, 1]));
      expect(await all('a', AVG)).toEqual(at([MINUTE, 15], [2 * MINUTE, 99]));
    });

    it('follow late samples and replaced ones', async () => {
      await store.ensure([{ name: 'a', rollups: [AVG] }]);
      await store.add(samples('a', [MINUTE, 10], [3 * MINUTE, 30], [5 * MINUTE, 50]));
      await store.add(samples('a', [MINUTE + 1, 20]));
      await store.add(samples('a', [3 * MINUTE, 40]));
      await store.add(samples('a', [2 * MINUTE, 7]));
      expect(await all('a', AVG)).toEqual(at([MINUTE, 15], [2 * MINUTE, 7], [3 * MINUTE, 40]));
    });

    it('hold each aggregate', async () => {
      const rollups = (['avg', 'min', 'max', 'sum', 'count', 'last'] as const).map((aggregate) => ({
        aggregate,
        bucketMs: 10,
      }));
      await store.ensure([{ name: 'a', rollups }]);
      await store.add(samples('a', [1, 4], [9, -1], [5, 3], [11, 0]));
      const points = await store.latest(rollups.map((rollup) => ({ series: 'a', rollup })));
      expect(points).toEqual(at([0, 2], [0, -1], [0, 4], [0, 6], [0, 3], [0, -1]));
    });

    it('of several sizes are kept side by side', async () => {
      const [short, long] = [AVG, { aggregate: 'avg', bucketMs: 3 * MINUTE } as const];
      await store.ensure([{ name: 'a', rollups: [short, long] }]);
      await store.add(samples('a', [0, 1], [MINUTE, 2], [2 * MINUTE, 3], [3 * MINUTE, 4]));
      expect(await all('a', short)).toEqual(at([0, 1], [MINUTE, 2], [2 * MINUTE, 3]));
      expect(await all('a', long)).toEqual(at([0, 2]));
    });

    it('can be longer than the retention', async () => {
      const sum: RollupSpec = { aggregate: 'sum', bucketMs: 1_000 };
      await store.ensure([{ name: 'a', retentionMs: 100, rollups: [sum] }]);
      for (const time of [0, 300, 600, 900]) await store.add(samples('a', [time, 1]));
      expect(await all('a')).toEqual(at([900, 1]));
      await store.add(samples('a', [1_000, 1]));
      expect(await all('a', sum)).toEqual(at([0, 4]));
    });

    it('may be added to a series that has samples', async () => {
      await store.ensure([{ name: 'a' }]);
      await store.add(samples('a', [0, 1]));
      await store.ensure([{ name: 'a', rollups: [AVG] }]);
      await store.add(samples('a', [MINUTE, 2], [2 * MINUTE, 3]));
      expect((await all('a', AVG)).at(-1)).toEqual({ timestampMs: MINUTE, value: 2 });
    });

    if (kind === 'plain') {
      // Beyond a thousand samples a bucket's points are changed and not computed anew.
      it('are what a model of them says after late samples in a large bucket', async () => {
        const rollups: RollupSpec[] = AGGREGATES.map((aggregate) => ({ aggregate, bucketMs: 10_000 }));
        const model = new Model(0);
        await store.ensure([{ name: 'large', rollups }]);
        const add = async (...pairs: readonly (readonly [number, number])[]) => {
          for (const [time, value] of pairs) model.add(time, value);
          await store.add(samples('large', ...pairs));
        };
        const random = randomNumbers(7);
        await add(...Array.from({ length: 1500 }, (_, n) => [5 * n, random(1000)] as const), [20_000, 1]);
        for (let round = 0; round < 40; round += 1) {
          // New ones, replaced ones, and ends that go.
          await add(...Array.from({ length: 1 + random(5) }, () => [random(10_000), random(1200) - 100] as const));
          for (const rollup of rollups) {
            const [point] = await all('large', rollup);
            const [expected] = model.rollup(rollup);
            expect(point?.timestampMs).toBe(expected?.timestampMs);
            expect(point?.value).toBeCloseTo(expected?.value ?? Number.NaN, 9);
          }
        }
      });

      it('hold an average where no double holds the sum, and no sum', async () => {
        const [avg, sum] = [AVG, { aggregate: 'sum', bucketMs: MINUTE } as const];
        await store.ensure([{ name: 'a', rollups: [avg, sum] }]);
        await store.add(
          samples('a', [0, 1.5e308], [1, 1.7e308], [MINUTE, -1.7e308], [MINUTE + 1, 1.7e308], [2 * MINUTE, 0]),
        );
        expect(await all('a', avg)).toEqual(at([0, 1.6e308], [MINUTE, 0]));
        expect(await all('a', sum)).toEqual(at([MINUTE, 0]));
        const asked = { aggregate: 'avg', bucketMs: MINUTE } as const;
        expect(await store.range({ series: 'a' }, 0, MINUTE - 1, { aggregate: asked })).toEqual(at([0, 1.6e308]));
      });
    }

    it('are what a model of them says, whatever order samples come in', async () => {
      const rollups: RollupSpec[] = [
        { aggregate: 'sum', bucketMs: 10 },
        { aggregate: 'last', bucketMs: 10 },
        { aggregate: 'max', bucketMs: 35 },
        { aggregate: 'count', bucketMs: 100 },
      ];
      for (let seed = 1; seed <= 20; seed += 1) {
        const random = randomNumbers(seed);
        // Not what TimeSeries does where a bucket reaches behind the retention: see `RollupSpec`.
        const retentionMs = kind === 'plain' && seed % 2 === 0 ? 130 : 0;
        const model = new Model(retentionMs);
        const name = `model ${seed}`;
        await store.ensure([{ name, retentionMs, rollups }]);
        for (let batch = 0; batch < 6; batch += 1) {
          const pairs = Array.from({ length: random(20) }, () => [batch * 40 + random(150), random(1_000)] as const);
          const taken = pairs.map(([time, value]) => (model.add(time, value) ? 'added' : 'too-old'));
          expect(reasons(await store.add(samples(name, ...pairs)))).toEqual(taken);
          expect(await all(name)).toEqual(model.points());
          for (const rollup of rollups) expect(await all(name, rollup)).toEqual(model.rollup(rollup));
        }
      }
    });
  });

  describe('reading', () => {
    it('aggregates a range, the last bucket too', async () => {
      await store.ensure([{ name: 'a' }]);
      await store.add(samples('a', [5, 1], [7, 3], [12, 4], [35, 8]));
      const aggregate = { aggregate: 'avg', bucketMs: 10 } as const;
      expect(await store.range({ series: 'a' }, 0, 100, { aggregate })).toEqual(at([0, 2], [10, 4], [30, 8]));
      expect(await store.range({ series: 'a' }, 6, Infinity, { aggregate, limit: 2 })).toEqual(at([0, 3], [10, 4]));
    });

    it('gives the latest of many, null where there is none', async () => {
      await store.ensure([{ name: 'a', rollups: [AVG] }, { name: 'b' }, { name: 'empty' }]);
      await store.add([...samples('a', [10, 1], [5, 9]), ...samples('b', [20, 2])]);
      const refs = [
        { series: 'b' },
        { series: 'empty' },
        { series: 'a', rollup: AVG },
        { series: 'no' },
        { series: 'a' },
      ];
      expect(await store.latest(refs)).toEqual([...at([20, 2]), null, null, null, ...at([10, 1])]);
      expect(await store.latest([])).toEqual([]);
    });

    it('finds series by their labels', async () => {
      const odd = { metric: 'a,b=(c) "d"', site: '' };
      const specs = [
        { name: 'b', labels: { metric: 'temp', site: 'x' }, retentionMs: 5, rollups: [AVG] },
        { name: 'a', labels: { metric: 'temp', site: 'y' } },
        { name: 'c', labels: odd },
        { name: 'd' },
      ];
      await store.ensure(specs);
      expect((await store.find({})).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
      expect(await store.find({ metric: 'temp', site: 'x' })).toEqual([specs[0]]);
      expect(await store.find({ metric: 'temp' })).toEqual([specs[1], specs[0]]);
      expect(await store.find(odd)).toEqual([specs[2]]);
      expect(await store.find({ none: '' })).toEqual([]);
    });
  });

  describe('names', () => {
    it('of any form keep series and rollups apart', async () => {
      const names = ['a', 'a@avg:60000', 'a@', 'a@@avg:60000', '{x}', 'a:b', ' ', '@catalogue', '@kind', 'ü\n\0'];
      await store.ensure(names.map((name) => ({ name, rollups: [AVG] })));
      await store.add(names.map((series, i) => ({ series, timestampMs: i, value: i })));
      for (const [i, name] of names.entries()) {
        expect(await all(name)).toEqual(at([i, i]));
        expect(await all(name, AVG)).toEqual([]);
      }
      expect((await store.find({})).map(({ name }) => name)).toEqual([...names].sort());
    });

    it('and specs that cannot be are refused', async () => {
      const refused: [object, string][] = [
        [{ name: '' }, 'empty name'],
        [{ name: 'a', retentionMs: -1 }, 'retention of -1 ms'],
        [{ name: 'a', rollups: [{ aggregate: 'median', bucketMs: 1 }] }, 'aggregate median'],
        [{ name: 'a', rollups: [{ aggregate: 'avg', bucketMs: 0 }] }, 'buckets of 0 ms'],
        [{ name: 'a', rollups: [AVG, AVG] }, 'avg of 60000 ms twice'],
        [{ name: 'a', chunkSize: 100 }, 'chunk size of 100 bytes: it must be a multiple of 8'],
        [{ name: 'a', ignore: { timeMs: -1, value: 0 } }, 'ignores within -1 ms and 0'],
        [{ name: 'a', ignore: { timeMs: 1, value: 0 }, onDuplicate: 'max' }, 'ignore requires last'],
      ];
      for (const [spec, words] of refused) await expect(store.ensure([spec as never])).rejects.toThrow(words);
    });
  });
};
