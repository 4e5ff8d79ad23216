import { RedisTransport } from '@millrace/streams/redis';
import { describeTransport } from '@millrace/streams/testing';
import { describeOnRealRedis, type SentinelRedis, startSentinels } from '@millrace/testkit';

let prefixes = 0;

describeOnRealRedis('Redis behind Sentinel', () => {
  let redis: SentinelRedis;
  beforeAll(async () => {
    redis = await startSentinels({ downAfterMs: 10_000 });
  }, 60_000);
  afterAll(() => redis.stop());
  describeTransport('Redis behind Sentinel', {
    open: async () => new RedisTransport({ url: redis.url, keyPrefix: `test${prefixes++}:` }),
  });
});
