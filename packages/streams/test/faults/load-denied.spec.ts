import { describeOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { RedisTransport } from '../../src/redis/index.js';
import { numberedEvents } from '../../src/testing/events.js';

const IN = { name: 'in', partition: 0 };

// Protected by `refuseToLoad`: without it a user who may load no Functions can do nothing at all.
describeOnRealRedis('a user who may load no Functions', () => {
  let redis: RedisServer;
  let owner: RedisTransport;
  const notices: string[] = [];
  const transports: RedisTransport[] = [];
  const open = (name: string): RedisTransport => {
    const url = redis.url.replace('://', `://${name}:secret@`);
    const transport = new RedisTransport({ url, onNotice: (notice) => notices.push(notice) });
    transports.push(transport);
    return transport;
  };

  beforeAll(async () => {
    redis = await startRedis();
    owner = new RedisTransport({ url: redis.url });
    await owner.connections
      .connect('owner')
      .call('ACL', 'SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-function|load', '-acl');
  });
  afterAll(async () => {
    await Promise.all([owner, ...transports].map((transport) => transport.close()));
    await redis.stop();
  });

  const calls = async (command: string): Promise<number> => {
    const stats = await owner.connections.connect('owner').info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  };

  /** Appends, consumes and settles; gives how many were settled. */
  const work = async (transport: RedisTransport, group: string): Promise<number> => {
    await transport.producer.append(IN, numberedEvents(20));
    const stop = new AbortController();
    const consumer = transport.consumer({ group, streams: () => ['in'], partition: 0 });
    let settled = 0;
    for await (const batch of consumer.batches(stop.signal)) {
      await batch.settle(({ position }) =>
        position.endsWith('-3') ? { kind: 'reject', cause: new Error('no') } : { kind: 'ack' },
      );
      settled += batch.deliveries.length;
      if (settled >= 20) stop.abort();
    }
    return settled;
  };

  it('sends them as scripts, and says so once for each connection', async () => {
    expect(await work(open('service'), 'first')).toBe(20);
    expect(await calls('evalsha')).toBeGreaterThan(0);
    expect(new Set(notices)).toEqual(
      new Set([expect.stringMatching(/^Function library millrace_\w+ is not loaded and this user may not/)]),
    );
  });

  it('calls them as soon as somebody has loaded them', async () => {
    await owner.server.loadFunctions();
    const before = await calls('fcall');
    const service = open('service');
    expect(await work(service, 'second')).toBeGreaterThanOrEqual(20);
    await waitFor(async () => (await calls('fcall')) > before, { what: 'a call of a Function' });
  });

  // Services wait for it before they start, also those that empty a Redis that is full.
  it('finds them loaded where Redis is full and has them', async () => {
    const admin = owner.connections.connect('owner');
    await owner.server.loadFunctions();
    await admin.config('SET', 'maxmemory', '1');
    await owner.server.loadFunctions();
    await expect(
      owner.server.loadFunctions(["#!lua name=theirs\nredis.register_function('f', function() return 1 end)"]),
    ).rejects.toThrow('OOM');
    await admin.config('SET', 'maxmemory', '0');
  });
});
