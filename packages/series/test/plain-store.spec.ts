import { describeOnRealRedis, type RedisOptions, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { Redis } from 'ioredis';
import { ModuleMissing, openSeriesReader, openSeriesStore } from '../src/index.js';
import { LIBRARY_NAME } from '../src/library.js';
import { bulkContract } from './bulk-contract.js';
import { readerContract } from './reader-contract.js';
import { storeContract } from './store-contract.js';

const plainStore = (options: RedisOptions) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(options);
  });

  storeContract('plain', () => server.url);
  describe('read', () => readerContract(() => server.url));

  it('loads its library when it is not there, once for all', async () => {
    const connections = Array.from({ length: 4 }, () => new Redis(server.url));
    const [first] = connections as [Redis];
    await first.call('FUNCTION', 'FLUSH');
    await Promise.all(
      connections.map(async (redis, i) => {
        const store = await openSeriesStore(redis, { prefix: 'reload' });
        await store.ensure([{ name: 'a' }]);
        expect(await store.add([{ series: 'a', timestampMs: i, value: i }])).toEqual([{ status: 'added' }]);
      }),
    );
    const libraries = JSON.stringify(await first.call('FUNCTION', 'LIST'));
    expect(libraries.split(`"${LIBRARY_NAME}"`)).toHaveLength(2);
    const store = await openSeriesStore(first, { prefix: 'reload' });
    expect(await store.range({ series: 'a' }, 0, 9)).toHaveLength(4);
    await Promise.all(connections.map((redis) => redis.quit()));
  });

  it('says which duplicate policies it does not have', async () => {
    const redis = new Redis(server.url);
    const store = await openSeriesStore(redis, { prefix: 'policies' });
    for (const onDuplicate of ['sum', 'block'] as const) {
      expect(await store.examine({ name: 'a', onDuplicate })).toMatch(`${onDuplicate} needs the TimeSeries module`);
      await expect(store.ensure([{ name: 'a', onDuplicate }])).rejects.toThrow(RangeError);
    }
    await redis.quit();
  });

  it('does not start on series that the TimeSeries module made', async () => {
    const redis = new Redis(server.url);
    await redis.set('{elsewhere}@kind', 'timeseries');
    await expect(openSeriesStore(redis, { prefix: 'elsewhere' })).rejects.toThrow('which this Redis does not have');
    await expect(openSeriesReader(() => redis, ['elsewhere'])).rejects.toThrow(ModuleMissing);
    await redis.quit();
  });

  // After the suite's own, which takes leave of the server.
  afterAll(() => server.stop());
};

describe('the plain store on js-redis-server', () => plainStore({ flavour: 'js' }));

describeOnRealRedis('the plain store on a real Redis', () => plainStore({}));

// One node that has all slots refuses what would be of two, as any cluster does.
describeOnRealRedis('the plain store in a cluster', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ flavour: 'native', config: { 'cluster-enabled': 'yes' } });
    const redis = new Redis(server.url);
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await waitFor(async () => /cluster_state:ok/.test(String(await redis.call('CLUSTER', 'INFO'))), {
      what: 'a cluster',
    });
    await redis.quit();
  });

  storeContract('plain', () => server.url);
  describe('read', () => readerContract(() => server.url));

  afterAll(() => server.stop());
});

describeOnRealRedis('plain series in bulk', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });

  bulkContract(() => server.url);

  afterAll(() => server.stop());
});
