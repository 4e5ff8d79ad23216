import { Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeTransport } from '@millrace/streams/testing';
import {
  describeOnRealRedis,
  type RedisCluster,
  type RedisServer,
  startRedisCluster,
  waitFor,
} from '@millrace/testkit';
import { commandTo } from '../fixtures/kill-ahead.js';

let prefixes = 0;

describeOnRealRedis('Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 10_000 });
  });
  afterAll(() => cluster.stop());
  describeTransport('Redis Cluster', {
    open: async () => new RedisTransport({ url: cluster.url, keyPrefix: `test${prefixes++}:` }),
  });

  describe('all of it', () => {
    let transport: RedisTransport;
    beforeEach(() => {
      transport = new RedisTransport({ url: cluster.url, keyPrefix: `test${prefixes++}:` });
    });
    afterEach(() => transport.close());

    const EVENT = { type: 'test', json: '{"id":"1"}' };
    const everyPartition = Array.from({ length: 8 }, (_, partition) => ({ name: 'in', partition }));
    const primaries = async () => (await cluster.primaries()).map(({ server }) => server);

    it('is looked at in every partition at once', async () => {
      await Promise.all(everyPartition.map((stream) => transport.producer.append(stream, [EVENT, EVENT])));
      expect((await transport.streams.inspect(everyPartition)).map(({ length }) => length)).toEqual(Array(8).fill(2));
    });

    it('is examined: the worst of its nodes counts, and is named', async () => {
      const [one] = (await primaries()) as [RedisServer];
      await commandTo(one, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      try {
        const findings = await transport.server.examine();
        expect(findings).toContainEqual({
          check: 'eviction',
          verdict: 'refuse',
          detail: expect.stringMatching(`^127.0.0.1:${one.port}: maxmemory-policy is allkeys-lru`),
        });
        expect(findings.find(({ check }) => check === 'version')?.detail).toMatch(/^(Redis|Valkey) \S+, cluster$/);
      } finally {
        await commandTo(one, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      }
      const durability = { level: 'everysec', replicas: 2, timeoutMs: 100 } as const;
      expect(await transport.server.examineDurability(durability)).toMatchObject({ verdict: 'warning' });
      expect(await transport.server.examineDurability({ ...durability, replicas: 1 })).toMatchObject({ verdict: 'ok' });
    });

    it('is as full as its fullest node', async () => {
      const [one, other] = (await primaries()) as [RedisServer, RedisServer];
      await commandTo(one, 'CONFIG', 'SET', 'maxmemory', '1gb');
      await commandTo(other, 'CONFIG', 'SET', 'maxmemory', '100mb');
      expect((await transport.server.memory())?.max).toBe(100 * 1024 * 1024);
      for (const server of [one, other]) await commandTo(server, 'CONFIG', 'SET', 'maxmemory', '0');
    });

    it('serves keys of one slot on a connection of their own, whatever the command', async () => {
      for (const { partition } of everyPartition) {
        const key = transport.keys.stream({ name: 'k', partition });
        const redis = transport.connections.connectTo(key, 'test');
        expect(await redis.multi().set(key, partition).get(key).exec()).toEqual([
          [null, 'OK'],
          [null, String(partition)],
        ]);
        // ioredis does not know its keys, so a client of all of the cluster would ask any node.
        await expect(redis.call('TS.INFO', key)).rejects.toThrow(/unknown command|TSDB|WRONGTYPE/);
      }
    });
  });
});

describeOnRealRedis('a Redis Cluster that is away', () => {
  it('is said so, and is there again when it is', async () => {
    const cluster = await startRedisCluster({ replicas: 0, config: { appendonly: 'yes' } });
    const transport = new RedisTransport({ url: cluster.url });
    try {
      const event = { type: 'test', json: '{"id":"1"}' };
      const append = (partition: number) => transport.producer.append({ name: 'in', partition }, [event]);
      for (const partition of [0, 1, 2, 3]) await append(partition);
      await Promise.all(cluster.nodes.map((server) => server.kill()));
      for (const partition of [0, 1]) await expect(append(partition)).rejects.toThrow(Unavailable);
      await expect(transport.server.ping()).rejects.toThrow(Unavailable);
      await Promise.all(cluster.nodes.map((server) => server.restart()));
      await waitFor(() => transport.server.ping().then(() => true), {
        what: 'the cluster to be back',
      });
      for (const partition of [0, 1, 2, 3]) await append(partition);
    } finally {
      await transport.close();
      await cluster.stop();
    }
  });
});
