import { OPERATIONS_FUNCTIONS, Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisCluster, type RedisServer, startRedisCluster } from '@millrace/testkit';

describeOnRealRedis('operations on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let transport: RedisTransport;
  let operations: Operations;
  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 10_000 });
    transport = new RedisTransport({ url: cluster.url });
    operations = new Operations(transport);
  });
  afterAll(async () => {
    await transport.close();
    await cluster.stop();
  });

  const commandTo = async ({ url }: RedisServer, ...[command, ...args]: [string, ...string[]]): Promise<unknown> => {
    const one = new RedisTransport({ url });
    try {
      return await one.connections.connectTo('', 'test').call(command, ...args);
    } finally {
      await one.close();
    }
  };

  const EVENT = { type: 'test', json: '{"id":"1"}' };
  const everyPartition = Array.from({ length: 8 }, (_, partition) => ({ name: 'in', partition }));
  const primaries = async () => (await cluster.primaries()).map(({ server }) => server);

  it('look at every partition at once', async () => {
    await Promise.all(everyPartition.map((stream) => transport.producer.append(stream, [EVENT, EVENT])));
    expect(await operations.observations.counts(8)).toEqual(Array(8).fill({ duplicates: 0, parked: 0 }));
    expect(await operations.observations.bytes(everyPartition)).toEqual(Array(8).fill(expect.any(Number)));
  });

  it('remove the Functions of other versions from every node', async () => {
    const old = '#!lua name=millrace_0123456789ab\nredis.register_function("millrace_old", function() return 1 end)';
    for (const server of await primaries()) await commandTo(server, 'FUNCTION', 'LOAD', 'REPLACE', old);
    expect((await operations.doctor.tidy([])).libraries).toEqual(['millrace_0123456789ab']);
    for (const server of await primaries()) {
      expect(JSON.stringify(await commandTo(server, 'FUNCTION', 'LIST'))).not.toMatch('millrace_0123456789ab');
    }
  });

  // What starts next relies on it: its services may load none.
  it('are not loaded where one node does not take them', async () => {
    const [first, ...others] = await primaries();
    const user = ['ACL', 'SETUSER', 'loader', 'on', '>secret', '~*', '&*', '+@all'] as const;
    for (const server of others) await commandTo(server, ...user);
    await commandTo(first as RedisServer, ...user, '-function|load');
    const loader = new RedisTransport({ url: cluster.url.replace('://', '://loader:secret@') });
    await expect(loader.server.loadFunctions([OPERATIONS_FUNCTIONS])).rejects.toThrow('NOPERM');
    await loader.close();
  });
});
