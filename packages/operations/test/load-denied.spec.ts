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

  const change = async (): Promise<number> => {
    const user = new RedisTransport({ url: fresh.server.url.replace('://', '://service:secret@') });
    transports.push(user);
    const routes = new Operations(user).versioned('routes');
    return routes.change({ who: 'me', action: 'put' }, ({ version }) => [['r', `{"of":${version}}`]]);
  };
  const calls = async (command: string): Promise<number> => {
    const stats = await fresh.redis.info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  };

  it('are scripts until somebody has loaded their library', async () => {
    await fresh.redis.call(
      ...(['ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-function|load', '-acl'] as const),
    );
    expect(await change()).toBe(1);
    expect(await calls('evalsha')).toBeGreaterThan(0);
    await fresh.transport.loadFunctions([OPERATIONS_FUNCTIONS]);
    const before = await calls('evalsha');
    expect(await change()).toBe(2);
    expect(await calls('evalsha')).toBe(before);
  });

  // Redis does not roll a Function back: what it was refused in its midst would leave a version without its record.
  it('are not begun where a command of theirs is not for the user', async () => {
    await fresh.redis.call(
      ...(['ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-xadd', '-acl'] as const),
    );
    await expect(change()).rejects.toThrow('XADD of the Function change is not for this user');
    expect(await fresh.redis.exists('mr:{ctl}:routes')).toBe(0);
  });

  it('do not say that they removed what is not for the user to remove', async () => {
    await fresh.redis.call(
      ...(['ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-function|delete'] as const),
    );
    const old = '#!lua name=millrace_0123456789ab\nredis.register_function("millrace_old", function() return 1 end)';
    await fresh.redis.call('FUNCTION', 'LOAD', old);
    const user = new RedisTransport({ url: fresh.server.url.replace('://', '://service:secret@') });
    transports.push(user);
    expect((await new Operations(user).doctor.tidy([])).libraries).toEqual([]);
    await fresh.redis.call('FUNCTION', 'DELETE', 'millrace_0123456789ab');
  });
});
