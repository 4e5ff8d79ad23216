import { Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, mayUseDocker, type RedisServer, startRedis, TcpProxy, waitFor } from '@millrace/testkit';

const IN = { name: 'in', partition: 0 };
const WINDOW = { windowMs: 60_000, maxEntries: 10_000 };
const EVENT = { type: 'test', json: '{"id":"1"}' };
const ONE_REPLICA = { level: 'everysec', replicas: 1, timeoutMs: 300 } as const;

describeOnRealRedis('DURABILITY_REPLICAS', () => {
  let primary: RedisServer;
  let replica: RedisServer;
  let transport: RedisTransport;

  beforeAll(async () => {
    primary = await startRedis({ flavour: 'native' });
    replica = await startRedis({ flavour: 'native', config: { replicaof: `127.0.0.1 ${primary.port}` } });
    transport = new RedisTransport({ url: primary.url });
    await waitFor(() => append('start'), { what: 'the replica to follow' });
    expect(await transport.server.examineDurability(ONE_REPLICA)).toMatchObject({ verdict: 'ok' });
  });
  afterAll(async () => {
    await transport.close();
    await replica.stop();
    await primary.stop();
  });

  const append = (of: string) => transport.producerWith(WINDOW, ONE_REPLICA).append(IN, [EVENT], { digests: [[of]] });
  const pauseReplica = () => process.kill(replica.pid as number, 'SIGSTOP');
  const resumeReplica = () => process.kill(replica.pid as number, 'SIGCONT');

  it('accepts what the replica has', async () => {
    expect(await append('a')).toMatchObject([{ status: 'accepted' }]);
  });

  // Protected by `check` of the count: without it the event is accepted although no replica has it.
  it('refuses what it has not in time, and takes it as a duplicate when it has', async () => {
    pauseReplica();
    try {
      await expect(append('b')).rejects.toThrow(/on 0 of 1 replicas/);
      // On a connection that wrote nothing else: `append` writes for a duplicate too, so that its WAIT means something.
      await expect(append('b')).rejects.toThrow(Unavailable);
    } finally {
      resumeReplica();
    }
    const [again] = await waitFor(() => append('b'), { what: 'the replica to be back' });
    expect(again?.status).toBe('duplicate');
  });

  it('is kept without INFO and COMMAND, which the doctor says', async () => {
    const rules = ['on', '>p', '~*', '&*', '+@all', '-info', '-command'];
    await transport.connections.connect('acl').call('ACL', 'SETUSER', 'limited', ...rules);
    const limited = new RedisTransport({ url: primary.url.replace('://', '://limited:p@') });
    expect(await limited.server.examineDurability(ONE_REPLICA)).toMatchObject({ verdict: 'unknown' });
    expect(await limited.producerWith(WINDOW, ONE_REPLICA).append(IN, [EVENT])).toMatchObject([{ status: 'accepted' }]);
    await limited.close();
  });

  // Protected by the count of connections: the other server has a replica too, and says yes.
  it('refuses what was written to a server that another took the place of', async () => {
    const other = await startRedis({ flavour: 'native' });
    const others = await startRedis({ flavour: 'native', config: { replicaof: `127.0.0.1 ${other.port}` } });
    const proxy = await TcpProxy.to(primary.port);
    const through = new RedisTransport({ url: `redis://127.0.0.1:${proxy.port}` });
    const producer = through.producerWith(WINDOW, { ...ONE_REPLICA });
    const elsewhere = new RedisTransport({ url: other.url });
    await waitFor(() => elsewhere.producerWith(WINDOW, ONE_REPLICA).append(IN, [EVENT], { digests: [['start']] }), {
      what: 'its replica to follow',
    });
    await producer.append(IN, [EVENT], { digests: [['before']] });
    pauseReplica();
    try {
      const refused = expect(producer.append(IN, [EVENT], { digests: [['lost']] })).rejects.toThrow(Unavailable);
      const clients = async () => String(await transport.connections.connect('look').call('CLIENT', 'LIST'));
      await waitFor(async () => /flags=b.*cmd=wait/.test(await clients()), { what: 'a client that waits' });
      proxy.target = other.port;
      proxy.cut();
      await refused;
      expect((await elsewhere.reader.range(IN, '-', '+', 10)).length).toBe(1);
    } finally {
      resumeReplica();
      await Promise.all([through.close(), elsewhere.close()]);
      await proxy.close();
      await others.stop();
      await other.stop();
    }
  });

  it('warns of replicas that are not there', async () => {
    expect(await transport.server.examineDurability({ ...ONE_REPLICA, replicas: 3 })).toMatchObject({
      verdict: 'warning',
    });
  });
});

const ALWAYS = { level: 'always', replicas: 0, timeoutMs: 2000 } as const;

describeOnRealRedis('DURABILITY=always', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  const on = async (flavour: 'native' | 'docker', config: Record<string, string>): Promise<void> => {
    server = await startRedis({ flavour, config });
    transport = new RedisTransport({ url: server.url });
  };
  afterEach(async () => {
    await transport.close();
    await server.stop();
  });

  it('refuses a Redis without AOF', async () => {
    await on('native', { appendonly: 'no' });
    expect(await transport.server.examineDurability(ALWAYS)).toMatchObject({ verdict: 'refuse' });
  });

  it('takes appendfsync always for it', async () => {
    await on('native', { appendonly: 'yes', appendfsync: 'always' });
    expect(await transport.server.examineDurability(ALWAYS)).toMatchObject({ verdict: 'ok' });
    expect(await transport.producerWith(WINDOW, ALWAYS).append(IN, [EVENT])).toMatchObject([{ status: 'accepted' }]);
  });

  it('needs WAITAOF or appendfsync always', async () => {
    await on('native', { appendonly: 'yes', appendfsync: 'everysec' });
    const { verdict, detail } = await transport.server.examineDurability(ALWAYS);
    if (verdict === 'refuse') {
      expect(detail).toMatch(/needs WAITAOF \(Redis 7.2\) or appendfsync always/);
      // Nor does a server get away with it that comes after the start: protected by `meansOf` at the first append.
      await expect(transport.producerWith(WINDOW, ALWAYS).append(IN, [EVENT])).rejects.toThrow(Unavailable);
    } else expect(detail).toMatch(/waits for up to a second/); // Redis 7.2 or newer.
  });

  (mayUseDocker() ? it : it.skip)('waits for the disk by WAITAOF (needs MILLRACE_TEST_DOCKER=1)', async () => {
    await on('docker', { appendonly: 'yes', appendfsync: 'everysec' });
    expect((await transport.server.examineDurability(ALWAYS)).detail).toMatch(/waits for up to a second/);
    const producer = transport.producerWith(WINDOW, ALWAYS);
    expect(await producer.append(IN, [EVENT])).toMatchObject([{ status: 'accepted' }]);
    await transport.connections.connect('test').config('SET', 'appendonly', 'no');
    await expect(producer.append(IN, [EVENT])).rejects.toThrow(Unavailable);
  });
});
