import { Cluster, Redis } from 'ioredis';
import { describeOnRealRedis, type RedisCluster, startRedisCluster, startSentinels, waitFor } from '../src/index.js';

describeOnRealRedis('a Redis Cluster of local processes', () => {
  let cluster: RedisCluster;
  let client: Cluster;

  beforeAll(async () => {
    cluster = await startRedisCluster();
    client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })));
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });

  it('has three primaries, each with a replica', async () => {
    expect(await cluster.primaries()).toHaveLength(3);
    expect(cluster.nodes).toHaveLength(6);
    await client.set('{p0}:k', 'v');
    expect(await client.wait(1, 5000)).toBeDefined();
  });

  it('moves a slot, with its keys, to a primary that is added', async () => {
    for (let n = 0; n < 120; n += 1) await client.set(`{p1}:${n}`, n);
    const before = await cluster.primaryOf('{p1}');
    const added = await cluster.addPrimary();
    await cluster.moveSlot('{p1}', added);
    expect((await cluster.primaryOf('{p1}')).port).toBe(added.port);
    expect(added.port).not.toBe(before.port);
    for (let n = 0; n < 120; n += 1) expect(await client.get(`{p1}:${n}`)).toBe(String(n));
  });

  it('lets a replica take the place of a primary that is killed', async () => {
    await client.set('{p0}:k', 'v');
    const victim = await cluster.primaryOf('{p0}');
    await victim.kill();
    const isOther = async () => (await cluster.primaryOf('{p0}')).port !== victim.port;
    await waitFor(isOther, { what: 'another primary' });
    await cluster.untilWhole();
    expect(await client.set('{p0}:k', 'w')).toBe('OK');
    await victim.restart();
    await cluster.untilWhole();
  });
});

describeOnRealRedis('a Redis behind Sentinels', () => {
  it('has another primary when the first is killed', async () => {
    const redis = await startSentinels();
    try {
      const sentinels = redis.sentinels.map(({ host, port }) => ({ host, port }));
      const client = new Redis({ sentinels, name: 'millrace', maxRetriesPerRequest: null });
      client.on('error', () => undefined);
      expect(await client.set('k', 'v')).toBe('OK');
      const first = await redis.primary();
      await first.kill();
      const isOther = async () => (await redis.primary()).port !== first.port;
      await waitFor(isOther, { what: 'another primary' });
      expect(await client.set('k', 'w')).toBe('OK');
      client.disconnect();
    } finally {
      await redis.stop();
    }
  });
});
