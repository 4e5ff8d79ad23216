import { describeOnRealRedis, type RedisOptions, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { Redis } from 'ioredis';
import { ModuleMissing, openSeriesReader, openSeriesStore } from '../src/index.js';
import { COMMANDS, LIBRARY_NAME } from '../src/library.js';
import { bulkContract } from './bulk-contract.js';
import { readerContract } from './reader-contract.js';
import { storeContract } from './store-contract.js';

const plainStore = (options: RedisOptions) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(options);
  });

  storeContract('plain', () => server.url);
  describe('read', () => readerContract('plain', () => server.url));

  it('loads its library when it is not there, once for all', async () => {
    const connections = Array.from({ length: 4 }, () => new Redis(server.url));
    const [first] = connections as [Redis];
    await first.call('FUNCTION', 'FLUSH');
    await Promise.all(
      connections.map(async (redis, i) => {
        const store = await openSeriesStore(redis, { prefix: 'reload', kind: 'plain' });
        await store.ensure([{ name: 'a' }]);
        expect(await store.add([{ series: 'a', timestampMs: i, value: i }])).toEqual([{ status: 'added' }]);
      }),
    );
    const libraries = JSON.stringify(await first.call('FUNCTION', 'LIST'));
    expect(libraries.split(`"${LIBRARY_NAME}"`)).toHaveLength(2);
    const store = await openSeriesStore(first, { prefix: 'reload', kind: 'plain' });
    expect(await store.range({ series: 'a' }, 0, 9)).toHaveLength(4);
    await Promise.all(connections.map((redis) => redis.quit()));
  });

  it('says which duplicate policies it does not have', async () => {
    const redis = new Redis(server.url);
    const store = await openSeriesStore(redis, { prefix: 'policies', kind: 'plain' });
    for (const onDuplicate of ['sum', 'block'] as const) {
      expect(await store.examine({ name: 'a', onDuplicate })).toMatch(`${onDuplicate} needs the TimeSeries module`);
      await expect(store.ensure([{ name: 'a', onDuplicate }])).rejects.toThrow(RangeError);
    }
    await redis.quit();
  });

  // After the suite's own, which takes leave of the server.
  afterAll(() => server.stop());
};

describe('a server without the TimeSeries module', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ flavour: 'js' });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    await redis.quit();
    await server.stop();
  });

  it('gives the plain store, and says why', async () => {
    const choices: unknown[] = [];
    await openSeriesStore(redis, { prefix: 'found', onChoice: (choice) => choices.push(choice) });
    expect(choices).toEqual([{ kind: 'plain', reason: 'the server has no TimeSeries commands' }]);
    await expect(openSeriesStore(redis, { prefix: 'asked', kind: 'timeseries' })).rejects.toThrow(
      'the timeseries store is asked for, and the server has no TimeSeries commands',
    );
  });

  it('does not start on series that the TimeSeries module made', async () => {
    await redis.set('{elsewhere}@kind', 'timeseries');
    await expect(openSeriesStore(redis, { prefix: 'elsewhere' })).rejects.toThrow('which this Redis does not have');
    await expect(openSeriesReader(() => redis, ['elsewhere'])).rejects.toThrow(ModuleMissing);
  });
});

describe('the plain store on js-redis-server', () => plainStore({ flavour: 'js' }));

describeOnRealRedis('the plain store on a real Redis', () => plainStore({}));

describeOnRealRedis('a plain store whose commands are taken away', () => {
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
  });
  afterAll(async () => {
    await admin.quit();
    await server.stop();
  });

  it('its Functions are sent as a script where this user may load none', async () => {
    await admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>p', '~*', '+@all', '-function|load');
    const redis = new Redis(server.url, { username: 'limited', password: 'p' });
    const store = await openSeriesStore(redis, { prefix: 'scripts', kind: 'plain', maxSeries: 5 });
    await store.ensure([{ name: 'a' }]);
    await store.add([{ series: 'a', timestampMs: 1, value: 2 }]);
    expect((await store.range({ series: 'a' }, 0, 10)).map(({ value }) => value)).toEqual([2]);
    await redis.quit();
  });

  it('an error names what those scripts may not run', async () => {
    await admin.call('FUNCTION', 'FLUSH');
    await admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>p', '~*', '+@all', '-function|load', '-zadd');
    const redis = new Redis(server.url, { username: 'limited', password: 'p' });
    const run = async () => {
      const store = await openSeriesStore(redis, { prefix: 'denied', kind: 'plain', maxSeries: 5 });
      await store.ensure([{ name: 'a' }]);
      await store.add([{ series: 'a', timestampMs: 1, value: 2 }]);
    };
    await expect(run()).rejects.toThrow(/^Redis: NOPERM.*zadd/i);
    await redis.quit();
  });

  it.each([...COMMANDS, 'FCALL', 'SETNX', 'GET'])('%s: samples are added, or an error names it', async (command) => {
    const allow = (...rules: readonly string[]) =>
      admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>p', '~*', '+@all', ...rules);
    await allow(`-${command.toLowerCase()}`);
    const redis = new Redis(server.url, { username: 'limited', password: 'p' });
    const rollups = [{ aggregate: 'sum', bucketMs: 100 }] as const;
    const run = async (): Promise<unknown> => {
      const store = await openSeriesStore(redis, { prefix: `taken:${command}`, kind: 'plain', maxSeries: 5 });
      await store.ensure([{ name: 'a', rollups, retentionMs: 1_000 }]);
      await store.add([0, 110, 90].map((timestampMs) => ({ series: 'a', timestampMs, value: 1 })));
      return (await store.range({ series: 'a', rollup: rollups[0] }, 0, 200)).map(({ value }) => value);
    };
    const first = await run().catch((error: Error) => error.message.toUpperCase());
    if (typeof first === 'string') expect(first).toMatch(new RegExp(`NOPERM.*\\b${command}\\b`));
    else expect(first).toEqual([2]);
    await allow();
    expect(await run()).toEqual([2]);
    await redis.quit();
  });
});

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
  describe('read', () => readerContract('plain', () => server.url));

  afterAll(() => server.stop());
});

describeOnRealRedis('plain series in bulk', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });

  bulkContract('plain', () => server.url);

  afterAll(() => server.stop());
});
