import { describeOnTimeSeries } from '@millrace/testkit';
import { Redis } from 'ioredis';
import { ModuleForbidden, openSeriesReader, openSeriesStore } from '../src/index.js';
import { bulkContract } from './bulk-contract.js';
import { readerContract } from './reader-contract.js';
import { storeContract } from './store-contract.js';

const timeSeriesStore = (urlOf: () => string) => {
  describe('in RESP3', () => storeContract('timeseries', urlOf));
  describe('in RESP2', () => storeContract('timeseries', urlOf, { protocol: 2 }));
  describe('in bulk', () => bulkContract('timeseries', urlOf));
  describe('read in RESP3', () => readerContract('timeseries', urlOf));
  describe('read in RESP2', () => readerContract('timeseries', urlOf, { protocol: 2 }));

  it('adds duplicates up, or refuses them, and says so', async () => {
    const redis = new Redis(urlOf());
    const store = await openSeriesStore(redis, { prefix: `test:{${Date.now()}}:duplicates` });
    const twice = (series: string) => [1, 2].map((value) => ({ series, timestampMs: 10, value }));
    await store.ensure([
      { name: 'sum', onDuplicate: 'sum' },
      { name: 'block', onDuplicate: 'block' },
    ]);
    await store.add(twice('sum'));
    expect(await store.latest([{ series: 'sum' }])).toEqual([{ timestampMs: 10, value: 3 }]);
    expect(await store.add(twice('block'))).toMatchObject([{ status: 'added' }, { reason: 'duplicate' }]);
    await redis.quit();
  });

  it('makes keys that any TimeSeries client understands', async () => {
    const redis = new Redis(urlOf(), { protocol: 2 });
    const prefix = `test:{${Date.now()}}:series`;
    const store = await openSeriesStore(redis, { prefix });
    const rollup = { aggregate: 'avg', bucketMs: 60_000, retentionMs: 7_000 } as const;
    await store.ensure([{ name: 'a', labels: { site: 'x' }, retentionMs: 5_000, chunkSize: 128, rollups: [rollup] }]);
    const info = async (key: string) => {
      const flat = (await redis.call('TS.INFO', key)) as unknown[];
      return Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]]] : [])));
    };
    expect(await info(`${prefix}:a`)).toMatchObject({
      retentionTime: 5_000,
      chunkSize: 128,
      duplicatePolicy: 'last',
      labels: [
        ['series', 'a'],
        ['site', 'x'],
      ],
      rules: [expect.arrayContaining([`${prefix}:a@avg:60000`, 60_000, 'AVG'])],
    });
    expect(await info(`${prefix}:a@avg:60000`)).toMatchObject({
      retentionTime: 7_000,
      chunkSize: 128,
      sourceKey: `${prefix}:a`,
    });
    await redis.quit();
  });

  it('forgets what is behind the retention where a late sample changes a bucket, as RollupSpec says', async () => {
    const redis = new Redis(urlOf());
    const store = await openSeriesStore(redis, { prefix: `test:{${Date.now()}}:late` });
    const rollup = { aggregate: 'sum', bucketMs: 100 } as const;
    await store.ensure([{ name: 'a', retentionMs: 50, rollups: [rollup] }]);
    await store.add([0, 90, 110, 80].map((timestampMs) => ({ series: 'a', timestampMs, value: 1 })));
    expect(await store.latest([{ series: 'a', rollup }])).toEqual([{ timestampMs: 0, value: 2 }]);
    await redis.quit();
  });

  it('is taken where the server has the module', async () => {
    const redis = new Redis(urlOf());
    const choices: unknown[] = [];
    const prefix = `test:{${Date.now()}}:found`;
    await openSeriesStore(redis, { prefix, onChoice: (choice) => choices.push(choice) });
    expect(choices).toEqual([{ kind: 'timeseries', reason: 'the server has the TimeSeries commands' }]);
    await redis.quit();
  });

  it('is not for a user who may not use the module: the plain store is, and what the module made is refused', async () => {
    const admin = new Redis(urlOf());
    const [username, password] = [`limited${Date.now()}`, 'p'];
    await admin.call('ACL', 'SETUSER', username, 'on', `>${password}`, '~*', '+@all', '-ts.info');
    const redis = new Redis(urlOf(), { username, password });
    const choices: unknown[] = [];
    const prefix = `test:{${Date.now()}}:forbidden`;
    await openSeriesStore(redis, { prefix, onChoice: (choice) => choices.push(choice) });
    expect(choices).toEqual([{ kind: 'plain', reason: 'this user may not use the TimeSeries commands (NOPERM)' }]);
    await redis.set(`${prefix}@kind`, 'timeseries');
    await expect(openSeriesStore(redis, { prefix })).rejects.toThrow(ModuleForbidden);
    await expect(openSeriesReader(() => redis, [prefix])).rejects.toThrow('allow it TS.*');
    await redis.quit();
    await admin.call('ACL', 'DELUSER', username);
    await admin.quit();
  });

  it('leaves series to the plain store that made them', async () => {
    const redis = new Redis(urlOf());
    const prefix = `test:{${Date.now()}}:plain`;
    await redis.set(`${prefix}@kind`, 'plain');
    const reasons: string[] = [];
    const store = await openSeriesStore(redis, { prefix, onChoice: ({ reason }) => reasons.push(reason) });
    expect([store.kind, ...reasons]).toEqual(['plain', expect.stringContaining('made without the TimeSeries module')]);
    await redis.quit();
  });
};

describeOnTimeSeries('the TimeSeries store', timeSeriesStore);
