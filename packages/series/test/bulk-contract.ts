import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openSeriesStore, type SeriesStore, type StoreKind } from '../src/index.js';

/** What both stores promise of more than one call reads or writes. Too much for js-redis-server. */
export const bulkContract = (kind: StoreKind, urlOf: () => string): void => {
  let redis: Redis;
  let store: SeriesStore;

  beforeAll(async () => {
    redis = new Redis(urlOf());
    store = await openSeriesStore(redis, { prefix: `test:{${randomUUID()}}:series`, kind });
  });
  afterAll(() => redis.quit());

  it('aggregates more samples than one call reads', async () => {
    await store.ensure([{ name: 'a' }]);
    await store.add(Array.from({ length: 25_000 }, (_, i) => ({ series: 'a', timestampMs: i, value: i % 7 })));
    const aggregate = { aggregate: 'count', bucketMs: 6_000 } as const;
    const buckets = [6_000, 6_000, 6_000, 6_000, 1_000].map((value, i) => ({ timestampMs: i * 6_000, value }));
    const read = (limit?: number) => store.range({ series: 'a' }, 0, Infinity, { aggregate, ...(limit && { limit }) });
    expect(await read()).toEqual(buckets);
    expect(await read(2)).toEqual(buckets.slice(0, 2));
    expect(await store.range({ series: 'a' }, 5, Infinity)).toHaveLength(24_995);
    expect(await store.range({ series: 'a' }, 5, Infinity, { limit: 12_000 })).toHaveLength(12_000);
  });

  it('finds series among thousands', async () => {
    await store.ensure(Array.from({ length: 2_000 }, (_, i) => ({ name: `s${i}`, labels: { half: String(i % 2) } })));
    expect(await store.find({ half: '1' })).toHaveLength(1_000);
    expect((await store.find({ half: '0' }))[1]).toMatchObject({ name: 's10' });
  });
};
