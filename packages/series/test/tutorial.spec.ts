import { type RedisServer, startRedis } from '@millrace/testkit';
import { Redis } from 'ioredis';
import { openSeriesStore, type Rollup, type SeriesStore } from '../src/index.js';

/** What the gateway's tutorial API needs of a store, in the words of its summary. */
const ROLLUP: Rollup = { aggregate: 'avg', bucketMs: 60_000 };

let server: RedisServer;
let redis: Redis;
let store: SeriesStore;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  store = await openSeriesStore(redis, { prefix: 'telemetry:metrics' });
});
afterAll(async () => {
  await redis.quit();
  await server.stop();
});

const ingest = async (metric: string, timestampMs: number, value: number) => {
  await store.ensure([{ name: metric, labels: { metric }, rollups: [ROLLUP] }]);
  await store.add([{ series: metric, timestampMs, value }]);
};

const summary = async () => {
  const names = (await store.find({})).map(({ name }) => name);
  const raw = await store.latest(names.map((series) => ({ series })));
  const rollup = await store.latest(names.map((series) => ({ series, rollup: ROLLUP })));
  return names.map((metric, i) => ({ metric, raw: raw[i], rollup: rollup[i] }));
};

it('a summary has the latest of each metric, and a rollup once its window is complete', async () => {
  const noon = 1_795_003_200_000;
  expect(await summary()).toEqual([]);
  await ingest('temperature', noon, 20);
  await ingest('temperature', noon + 30_000, 22);
  await ingest('temperature', noon + 30_000, 24);
  await ingest('wind', noon, 3);
  expect(await summary()).toEqual([
    { metric: 'temperature', raw: { timestampMs: noon + 30_000, value: 24 }, rollup: null },
    { metric: 'wind', raw: { timestampMs: noon, value: 3 }, rollup: null },
  ]);
  await ingest('temperature', noon + 60_000, 25);
  expect((await summary())[0]).toEqual({
    metric: 'temperature',
    raw: { timestampMs: noon + 60_000, value: 25 },
    rollup: { timestampMs: noon, value: 22 },
  });
});
