import { DEFINITIONS_FUNCTIONS, VersionedHash } from '@millrace/definitions';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';

describeOnRealRedis('changes by a user who may load no Functions', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  const users: RedisTransport[] = [];
  let redis: Connection;

  beforeEach(async () => {
    server = await startRedis();
    transport = new RedisTransport({ url: server.url });
    redis = transport.connections.connect('test');
  });
  afterEach(async () => {
    for (const user of users.splice(0)) await user.close();
    await transport.close();
    await server.stop();
  });

  const mayNot = (...commands: string[]) =>
    redis.call(...(['ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-acl', ...commands] as const));
  const change = (): Promise<number> => {
    const user = new RedisTransport({ url: server.url.replace('://', '://service:secret@') });
    users.push(user);
    return new VersionedHash(user, 'routes').change({ who: 'me', action: 'put' }, ({ version }) => [
      ['r', `{"of":${version}}`],
    ]);
  };
  const calls = async (command: string): Promise<number> => {
    const stats = await redis.info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  };

  it('are scripts until somebody has loaded their library', async () => {
    await mayNot('-function|load');
    expect(await change()).toBe(1);
    expect(await calls('evalsha')).toBeGreaterThan(0);
    await transport.server.loadFunctions([DEFINITIONS_FUNCTIONS]);
    const before = await calls('evalsha');
    expect(await change()).toBe(2);
    expect(await calls('evalsha')).toBe(before);
  });

  // Redis does not roll a Function back: what it was refused in its midst would leave a version without its record.
  it('are not begun where a command of theirs is not for the user', async () => {
    await mayNot('-xadd');
    await expect(change()).rejects.toThrow('this user may not run XADD, which the Function change needs; allow it');
    expect(await redis.exists('mr:{ctl}:routes')).toBe(0);
  });
});
