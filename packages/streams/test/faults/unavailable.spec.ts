import { Unavailable } from '@millrace/streams';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  type RedisCluster,
  type RedisServer,
  startRedis,
  startRedisCluster,
  waitFor,
} from '@millrace/testkit';
import { type Cluster, Command } from 'ioredis';
import { tellUnavailable } from '../../src/redis/connection/unavailable.js';

const errorOf = (answer: Promise<unknown>): Promise<Error> =>
  answer.then(
    () => {
      throw new Error('it was answered');
    },
    (error: Error) => error,
  );
const fails = async (answer: Promise<unknown>, message: RegExp): Promise<void> => {
  const error = await errorOf(answer);
  expect([error.constructor, error.message]).toEqual([Unavailable, expect.stringMatching(message)]);
};

describeOnRealRedis('a command that Redis cannot do now', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let redis: Connection;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    transport = new RedisTransport({ url: server.url });
    redis = transport.connections.connect('test');
  });
  afterEach(() => transport.close());

  it('is rejected with Unavailable: what is full, and what the user may not', async () => {
    await redis.config('SET', 'maxmemory', '1');
    await fails(redis.set('k', 'v'), /^Redis: OOM /);
    await redis.config('SET', 'maxmemory', '0');
    await redis.call('ACL', 'SETUSER', 'default', '-get');
    await fails(redis.get('k'), /^Redis: NOPERM /);
    const [none, got] = (await redis.pipeline().exists('k').get('k').exec()) ?? [];
    expect(none).toEqual([null, 0]);
    expect(got?.[0]).toEqual(expect.any(Unavailable));
    await redis.call('ACL', 'SETUSER', 'default', '+get');
  });

  // Protected by `groupsOf`: groups that cannot be asked would look like groups that are done.
  it('lets nobody look at streams without their groups', async () => {
    const stream = { name: 'topic:t', partition: 0 };
    await transport.producer.append(stream, [{ type: 't', json: '{}' }]);
    await redis.call('ACL', 'SETUSER', 'default', '-xinfo|groups');
    await fails(transport.streams.inspect([stream]), /^Redis: NOPERM /);
    await redis.call('ACL', 'SETUSER', 'default', '+xinfo');
    expect(await transport.streams.inspect([stream, { name: 'topic:none', partition: 0 }])).toMatchObject([
      { length: 1 },
      { length: 0 },
    ]);
  });

  it('is rejected with Unavailable where Redis is away, said once, however often ioredis tried', async () => {
    await redis.ping();
    await server.kill();
    const answers = [redis.get('k'), redis.call('XREAD', 'BLOCK', 100, 'STREAMS', 'k', '0')];
    const pipeline = redis.pipeline().get('k').exec();
    for (const answer of answers) await fails(answer, /^Redis: (?!.*Redis: )/);
    expect((await pipeline)?.[0]?.[0]).toEqual(expect.any(Unavailable));
    await server.restart();
    await redis.ping();
    await transport.close();
    await fails(redis.get('k'), /^Redis: Connection is closed/);
  });

  it('is rejected as Redis says where it is the fault of what was asked for', async () => {
    await redis.lpush('list', 'a');
    for (const answer of [redis.get('list'), redis.call('GET', 'list')]) {
      const { name, message } = await errorOf(answer);
      expect([name, message]).toEqual(['ReplyError', expect.stringMatching(/^WRONGTYPE/)]);
    }
    const [first, second] = (await redis.multi().get('list').llen('list').exec()) ?? [];
    expect([first?.[0]?.name, second]).toEqual(['ReplyError', [null, 1]]);
  });
});

it('leaves what ioredis puts around a rejection as it is, for it looks into errors when it sends a command again', () => {
  const command = new Command('get', ['k']);
  tellUnavailable(command);
  const around = () => undefined;
  command.reject = around;
  tellUnavailable(command);
  expect(command.reject).toBe(around);
});

describeOnRealRedis('a command to a cluster', () => {
  let cluster: RedisCluster;
  let transport: RedisTransport;
  let redis: Connection;

  beforeAll(async () => {
    cluster = await startRedisCluster({ replicas: 0 });
    transport = new RedisTransport({ url: cluster.url });
    redis = transport.connections.connect('test');
    await redis.set('k', 'v');
  });
  afterAll(async () => {
    await transport.close();
    await cluster.stop();
  });

  // Protected by `node === undefined` in `sendCommand`, and by `told`: ioredis looks into errors to follow them.
  it('follows its slot, alone and in a pipeline', async () => {
    const slot = (await redis.cluster('KEYSLOT', 'k')) as number;
    const { slots } = redis as unknown as { slots: string[][] };
    const [at] = slots[slot] as [string];
    const other = slots.flat().find((node) => node !== at) as string;
    slots[slot] = [other];
    expect(await redis.get('k')).toBe('v');
    slots[slot] = [other];
    expect(await redis.pipeline().get('k').exec()).toEqual([[null, 'v']]);
    slots[slot] = [other];
    expect(await redis.multi().get('k').exec()).toEqual([[null, 'v']]);
  });

  // Protected by `ignoreFailedAsking`: ioredis asks a node before it follows a slot there, and nobody looks at the answer.
  it('does not end the process where a node that a slot moves to closes the connection', async () => {
    const apart = new RedisTransport({ url: cluster.url });
    const nodes = apart.connections.connect('test') as Cluster;
    await nodes.get('k');
    for (const node of nodes.nodes('master')) {
      node.disconnect();
      await waitFor(() => node.status === 'end', { what: 'the end of the connection' });
      void node.asking(); // A rejection that nobody looks at fails the test.
    }
    await apart.close();
  });

  it('is rejected with Unavailable where no node can be reached, whatever it is part of; at once, as it connects again', async () => {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await fails(redis.get('k'), /^Redis: (?!.*Redis: )/);
    await fails(redis.get('k'), /^Redis: (?!.*Redis: )/);
    const exec = async (chain: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<never> => {
      throw (await chain.exec())?.[0]?.[0] ?? new Error('it was answered');
    };
    await fails(exec(redis.pipeline().get('k')), /^Redis: /);
    await fails(exec(redis.multi().get('k')), /^Redis: /);
    await fails(transport.server.info('server'), /^Redis: /);
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await waitFor(() => redis.exists('k').then(() => true), { what: 'the cluster to be back' });
  });
});
