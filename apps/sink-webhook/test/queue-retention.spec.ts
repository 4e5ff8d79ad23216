import { EndpointStates } from '@millrace/endpoints';
import { createLogger, Metrics } from '@millrace/host';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { type QueueBounds, QueueRetention } from '../src/delivery/queue-retention.js';

const MINUTE = 60_000;
const UNBOUNDED: QueueBounds = { maxLength: 0, maxBytes: 0, maxAgeMs: 0, memoryReserve: 0.1 };

let redis: RedisServer;
let transport: RedisTransport;
let prefixes = 0;

describeOnRealRedis('what waits for an endpoint that takes nothing', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    transport = new RedisTransport({ url: redis.url, keyPrefix: `queues${prefixes++}:` });
  });
  afterEach(() => transport.close());

  const queue = async (name: string, count: number, size = 10): Promise<void> => {
    const json = JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: 'x'.repeat(size) });
    const group = { group: `hook.${name}`, hop: 'sink-webhook', streams: [`hook:${name}`] };
    await transport.registry.registerGroup(group);
    await transport.producer.append({ name: `hook:${name}`, partition: 0 }, Array(count).fill({ type: 't', json }));
  };
  const lengthOf = async (name: string): Promise<number> =>
    (await transport.streams.inspect([{ name: `hook:${name}`, partition: 0 }]))[0]?.length ?? -1;
  const retention = (bounds: Partial<QueueBounds>, metrics = new Metrics('test')): QueueRetention =>
    new QueueRetention(transport, createLogger({ hop: 'test', level: 'silent', format: 'json' }), metrics, {
      ...UNBOUNDED,
      ...bounds,
    });
  const failing = async (name: string, ms: number): Promise<void> =>
    new EndpointStates(transport).failing(name, { failingSince: Date.now() - ms, failure: 'no' });

  it('is bounded, with a record of what went; what waits for others is not touched', async () => {
    for (const name of ['bad', 'off', 'blip', 'well', 'gone']) await queue(name, 50);
    await failing('bad', 2 * MINUTE);
    await failing('blip', MINUTE / 2);
    await new EndpointStates(transport).off('off', { offAt: 1, offReason: 'by hand' });
    const metrics = new Metrics('test');
    await retention({ maxLength: 20 }, metrics).trim();
    expect(await Promise.all(['bad', 'off', 'blip', 'well', 'gone'].map(lengthOf))).toEqual([20, 20, 50, 50, 50]);
    expect(await metrics.registry.metrics()).toContain('millrace_forced_total{topic="hook:bad",group="hook.bad"} 30');
    const records = await transport.connections.connect('test').xrange(transport.keys.forced(0), '-', '+');
    expect(records.flatMap(([, fields]) => fields)).toEqual(expect.arrayContaining(['hook:bad', 'hook.bad', '30']));
    await retention({ maxLength: 20 }).trim(Date.now() + 10 * MINUTE);
    expect(await lengthOf('gone')).toBe(20);
  });

  it('is bounded in bytes', async () => {
    await queue('bad', 400, 10_000);
    await failing('bad', 2 * MINUTE);
    await retention({ maxBytes: 1_000_000 }).trim();
    const key = transport.keys.stream({ name: 'hook:bad', partition: 0 });
    expect(Number(await transport.connections.connectTo(key, 'test').memory('USAGE', key))).toBeLessThan(1_200_000);
    expect(await lengthOf('bad')).toBeGreaterThan(50);
  });

  it('makes room before the gateway would refuse events, however little it is', async () => {
    await queue('bad', 200, 10_000);
    await queue('well', 200, 10_000);
    await failing('bad', 2 * MINUTE);
    const { used = 0 } = (await transport.server.memory()) ?? {};
    await transport.connections.connect('test').config('SET', 'maxmemory', Math.round(used / 0.88));
    await retention({}).trim();
    await transport.connections.connect('test').config('SET', 'maxmemory', 0);
    expect([await lengthOf('bad'), await lengthOf('well')]).toEqual([100, 200]);
  });
});
