import { Operations } from '@millrace/operations';
import { RedisTransport, type TraceRecord } from '@millrace/streams/redis';
import { itOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';

let redis: RedisServer;
let transport: RedisTransport;
let traces: Operations['traces'];
let client: ReturnType<RedisTransport['connections']['connectTo']>;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  transport = new RedisTransport({ url: redis.url });
  traces = new Operations(transport).traces;
  client = transport.connections.connectTo('', 'test');
  await client.flushall();
});
afterEach(() => transport.close());

const event = (id: string) => ({ type: 't', json: `{"specversion":"1.0","id":"${id}","source":"/s","type":"t"}` });
const record = (at: number, more: Partial<TraceRecord> = {}): TraceRecord => ({
  at,
  hop: 'sink-a',
  group: 'sink-a',
  stream: 'topic:t',
  position: '1-0',
  attempt: 1,
  outcome: 'parked',
  ...more,
});
const generations = ['mr:{p0}:trace:0', 'mr:{p0}:trace:1'];
const lengths = () => Promise.all(generations.map((key) => client.hlen(key)));

describe('records of deliveries', () => {
  it('are kept by event, the oldest first, beside each other', async () => {
    transport.traces.add(0, event('a'), record(2));
    transport.traces.add(0, event('b'), record(1));
    transport.traces.add(0, event('a'), record(1));
    transport.traces.add(1, event('a'), record(7));
    await transport.traces.flush();
    expect(await traces.of(0, '/s', 'a')).toEqual([record(1), record(2)]);
    expect(await traces.of(1, '/s', 'a')).toEqual([record(7)]);
    expect(await traces.of(0, '/s', 'c')).toEqual([]);
  });

  it('are written by themselves, and not at all of what is no event', async () => {
    transport.traces.add(0, { type: 't', json: 'not JSON' }, record(1));
    transport.traces.add(0, event('a'), record(1));
    await waitFor(async () => (await traces.of(0, '/s', 'a')).length === 1, { what: 'the record' });
    expect(await lengths()).toEqual([1, 0]);
  });

  // Protected by the bytes of a generation: bounded by their count alone, these take 60 MB.
  itOnRealRedis('are of so many bytes at most, however long each is', async () => {
    const text = 'x'.repeat(12_000);
    for (let n = 0; n < 5000; n += 1) {
      transport.traces.add(0, event(`e${n}`), record(n, { error: text }));
      if (n % 500 === 499) await transport.traces.flush();
    }
    const sizes = await Promise.all(generations.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)));
    expect(sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)).toBeLessThan(42_000_000);
    expect(await traces.of(0, '/s', 'e4999')).toHaveLength(1);
  });

  // Protected by the two generations: without them the hash grows with every event that fails.
  itOnRealRedis('are of so many events at most, and of each so much', async () => {
    for (let n = 0; n < 30_000; n += 1) {
      transport.traces.add(0, event(`e${n}`), record(n));
      if (n % 5000 === 4999) await transport.traces.flush();
    }
    expect((await lengths()).reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(20_000);
    expect(await traces.of(0, '/s', 'e29999')).toHaveLength(1);
    expect(await traces.of(0, '/s', 'e20001')).toHaveLength(1);
    expect(await traces.of(0, '/s', 'e0')).toEqual([]);
    for (let n = 0; n < 300; n += 1) transport.traces.add(0, event('loud'), record(n, { error: 'x'.repeat(200) }));
    await transport.traces.flush();
    const loud = await traces.of(0, '/s', 'loud');
    expect(loud.length).toBeGreaterThan(30);
    expect(loud.length).toBeLessThan(60);
    expect(loud.at(-1)?.at).toBe(299);
  });

  itOnRealRedis('go along when an event of the older generation fails again', async () => {
    transport.traces.add(0, event('old'), record(1));
    await transport.traces.flush();
    for (let n = 0; n < 10_000; n += 1) transport.traces.add(0, event(`e${n}`), record(n));
    await transport.traces.flush();
    transport.traces.add(0, event('old'), record(2));
    for (let n = 0; n < 9000; n += 1) transport.traces.add(0, event(`f${n}`), record(n));
    await transport.traces.flush();
    expect(await traces.of(0, '/s', 'old')).toEqual([record(1), record(2)]);
  });

  it('hold up nobody where Redis is away', async () => {
    const elsewhere = new RedisTransport({ url: 'redis://127.0.0.1:1' });
    elsewhere.traces.add(0, event('a'), record(1));
    await expect(elsewhere.traces.flush()).resolves.toBeUndefined();
    await elsewhere.close();
  });
});
