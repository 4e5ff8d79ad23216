import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis } from '@millrace/testkit';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

describeOnRealRedis('the doctor', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];

  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });

  const verdicts = async () =>
    Object.fromEntries((await transport.server.examine()).map((one) => [one.check, one.verdict]));

  it('looks at version, features, eviction, persistence, memory, clock, functions and partitions', async () => {
    expect(await verdicts()).toEqual({
      version: 'ok',
      features: 'ok',
      eviction: 'ok',
      persistence: 'warning',
      memory: 'ok',
      clock: 'ok',
      functions: 'ok',
      partitions: 'ok',
    });
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.config('SET', 'maxmemory', '1mb');
    await redis.config('SET', 'appendonly', 'yes');
    expect(await verdicts()).toMatchObject({ eviction: 'refuse', persistence: 'ok', memory: 'warning' });
  });
});
