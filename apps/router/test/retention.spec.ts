import { createLogger, Metrics } from '@millrace/host';
import { topicStream } from '@millrace/streams';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { Retention } from '../src/retention.js';
import { RouterConfig } from '../src/router-config.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const ORDERS = { name: topicStream('orders'), partition: 0 };
const IN = { name: 'in', partition: 0 };

describeOnRealRedis('the retention', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let redis: Connection;
  let metrics: Metrics;

  beforeEach(async () => {
    server = await startRedis();
    transport = new RedisTransport({ url: server.url });
    redis = transport.connections.connect('test');
    metrics = new Metrics();
    await transport.registry.registerTopics(['orders']);
    await transport.registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
  });
  afterEach(async () => {
    await transport.close();
    await server.stop();
  });

  const retention = (config: Partial<RouterConfig>): Retention =>
    new Retention(Object.assign(new RouterConfig(), config), transport, log, metrics);
  const append = (stream: typeof IN, count: number, size = 10) =>
    transport.producer.append(
      stream,
      Array.from({ length: count }, () => ({ type: 'test', json: JSON.stringify({ text: 'x'.repeat(size) }) })),
    );
  const read = async (group: string, stream: string, count: number): Promise<void> => {
    const consumer = transport.consumer({ group, streams: () => [stream], partition: 0, maxBatch: count });
    for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
      await batch.settle(() => ({ kind: 'ack' }));
      return;
    }
  };
  const lengths = async (): Promise<number[]> =>
    (await transport.streams.inspect([IN, ORDERS])).map(({ length }) => length);
  const fill = (): Promise<unknown> => redis.config('SET', 'maxmemory', '1mb');

  it('shortens what came in and the topics, each to its own length', async () => {
    await Promise.all([append(IN, 100), append(ORDERS, 100)]);
    await read('router', 'in', 100);
    await retention({ INBOX_MAX_LENGTH: 10, RETENTION_MAX_LENGTH: 30 }).trim();
    expect(await lengths()).toEqual([10, 30]);
    expect(await metrics.registry.metrics()).toContain('millrace_trimmed_total{topic="orders"} 70');
  });

  // Protected by the groups of the registry that `streams` names: a sink that is down has no consumer to speak for it.
  it('keeps what a registered sink has not read, also one that never came', async () => {
    await append(ORDERS, 100);
    await transport.registry.registerGroup({ group: 'slow', hop: 'slow', streams: ['topic:*'] });
    await retention({ RETENTION_MAX_LENGTH: 30 }).trim();
    expect((await lengths())[1]).toBe(100);
    await read('slow', 'topic:orders', 60);
    await retention({ RETENTION_MAX_LENGTH: 30 }).trim();
    expect((await lengths())[1]).toBe(40);
  });

  it('gives up what all have read where memory is short, and nothing where it is told to keep', async () => {
    await append(ORDERS, 100);
    await transport.registry.registerGroup({ group: 'slow', hop: 'slow', streams: ['topic:orders'] });
    await read('slow', 'topic:orders', 60);
    await fill();
    await retention({ RETENTION_WHEN_FULL: 'keep' }).trim();
    expect((await lengths())[1]).toBe(100);
    await retention({}).trim();
    expect((await lengths())[1]).toBe(50);
    await retention({}).trim();
    expect((await lengths())[1]).toBe(40);
    await retention({}).trim();
    expect((await lengths())[1]).toBe(40);
  });

  it('goes past what was read only if it is told so, and puts each range on record', async () => {
    await append(ORDERS, 100);
    await transport.registry.registerGroup({ group: 'slow', hop: 'slow', streams: ['topic:orders'] });
    await fill();
    const all = retention({ RETENTION_WHEN_FULL: 'all' });
    await all.trim();
    await all.trim();
    expect((await lengths())[1]).toBe(25);
    const [record, ...others] = await redis.xrange('mr:{p0}:forced', '-', '+');
    expect(others).toEqual([]);
    expect(record?.[1]).toEqual(expect.arrayContaining(['stream', 'topic:orders', 'group', 'slow', 'count', '75']));
    expect(await metrics.registry.metrics()).toContain('millrace_forced_total{topic="orders",group="slow"} 75');
  });

  it('goes past what only a group has not read that is gone, if it is told so', async () => {
    const groups = transport.keys.control('sinks');
    const old = { group: 'old', hop: 'old', streams: ['topic:orders'] };
    await append(ORDERS, 100);
    await transport.registry.registerGroup({ group: 'here', hop: 'here', streams: ['topic:orders'] });
    await redis.hset(groups, 'old', JSON.stringify({ ...old, seenAt: Date.now() - 7_200_000 }));
    await read('here', 'topic:orders', 60);
    await fill();
    await retention({ RETENTION_WHEN_FULL: 'read' }).trim();
    await retention({ RETENTION_WHEN_FULL: 'gone' }).trim();
    await retention({ RETENTION_WHEN_FULL: 'gone', GONE_AFTER: 0 }).trim();
    expect((await lengths())[1]).toBe(100);
    const gone = retention({ RETENTION_WHEN_FULL: 'gone', GONE_AFTER: 3_600_000 });
    for (let n = 0; n < 4; n += 1) await gone.trim();
    expect((await lengths())[1]).toBe(40);
    const [record, ...others] = await redis.xrange('mr:{p0}:forced', '-', '+');
    expect(others).toEqual([]);
    expect(record?.[1]).toEqual(expect.arrayContaining(['group', 'old', 'count', '60']));
  });

  it('is no harm where there is nothing', async () => {
    await retention({}).trim();
    expect(await lengths()).toEqual([0, 0]);
  });
});
