import { OPERATIONS_FUNCTIONS, Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis } from '@millrace/testkit';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

describeOnRealRedis('operations by a user who may load no Functions', () => {
  let fresh: FreshRedis;
  const transports: RedisTransport[] = [];
  freshRedis((one) => {
    fresh = one;
  });
  afterEach(async () => {
    for (const transport of transports.splice(0)) await transport.close();
  });

  const asUser = (): Operations => {
    const user = new RedisTransport({ url: fresh.server.url.replace('://', '://service:secret@') });
    transports.push(user);
    return new Operations(user);
  };
  const calls = async (command: string): Promise<number> => {
    const stats = await fresh.redis.info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  };

  it('are scripts until somebody has loaded their library', async () => {
    await fresh.redis.call(
      ...(['ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-function|load', '-acl'] as const),
    );
    expect(await asUser().jobs('replays').lock('r', 'me', 1000)).toBe(true);
    expect(await calls('evalsha')).toBeGreaterThan(0);
    await fresh.transport.server.loadFunctions([OPERATIONS_FUNCTIONS]);
    const before = await calls('evalsha');
    expect(await asUser().jobs('replays').lock('r', 'another', 1000)).toBe(false);
    expect(await calls('evalsha')).toBe(before);
  });

  it('do not say that they removed what is not for the user to remove', async () => {
    await fresh.redis.call(
      ...(['ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-function|delete'] as const),
    );
    const old = '#!lua name=millrace_0123456789ab\nredis.register_function("millrace_old", function() return 1 end)';
    await fresh.redis.call('FUNCTION', 'LOAD', old);
    expect((await asUser().doctor.tidy([])).libraries).toEqual([]);
    await fresh.redis.call('FUNCTION', 'DELETE', 'millrace_0123456789ab');
  });
});
