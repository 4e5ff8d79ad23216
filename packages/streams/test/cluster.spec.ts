import { RedisTransport } from '@millrace/streams/redis';
import { describeTransport } from '@millrace/streams/testing';
import { describeOnRealRedis, type RedisCluster, startRedisCluster } from '@millrace/testkit';

let prefixes = 0;

describeOnRealRedis('Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 10_000 });
  }, 60_000);
  afterAll(() => cluster.stop());
  describeTransport('Redis Cluster', {
    open: async () => new RedisTransport({ url: cluster.url, keyPrefix: `test${prefixes++}:` }),
  });
});
