import { createLogger, Metrics } from '@millrace/host';
import { type DeadLetterRange, Operations, type StoredDeadLetter } from '@millrace/operations';
import { deadStream, topicStream } from '@millrace/streams';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import fc from 'fast-check';
import { LeftoverRetention } from '../src/leftover-retention.js';
import { RouterConfig } from '../src/router-config.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const ORDERS = { name: topicStream('orders'), partition: 0 };
const MIB = 1024 * 1024;

describeOnRealRedis('the retention of what groups leave', () => {
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
    await transport.registry.registerGroup({ group: 'sink', hop: 'sink-postgres', streams: ['topic:orders'] });
  });
  afterEach(async () => {
    await transport.close();
    await server.stop();
  });

  const trim = (config: Partial<RouterConfig>): Promise<void> =>
    new LeftoverRetention(
      Object.assign(new RouterConfig(), config),
      transport,
      new Operations(transport),
      log,
      metrics,
    ).trim();
  const range: DeadLetterRange = { group: 'sink', partition: 0, from: '-', to: '+' };
  const dead = (): Promise<StoredDeadLetter[]> => new Operations(transport).deadLetters.newest(range, 100_000);
  const idOf = ({ json = '{}' }: StoredDeadLetter): string => (JSON.parse(json) as { id: string }).id;
  /** Events that fail: for good, or with another attempt in an hour. */
  const fail = async (ids: readonly string[], kind: 'reject' | 'retry', size = 10): Promise<void> => {
    const events = ids.map((id) => ({
      type: 'test',
      json: JSON.stringify({ specversion: '1.0', id, source: '/s', type: 'test', data: 'x'.repeat(size) }),
    }));
    for (let from = 0; from < events.length; from += 50)
      await transport.producer.append(ORDERS, events.slice(from, from + 50));
    const consumer = transport.consumer({ group: 'sink', streams: () => [ORDERS.name], partition: 0 });
    const cause = new RangeError('too large');
    let seen = 0;
    for await (const batch of consumer.batches(AbortSignal.timeout(20_000))) {
      await batch.settle(() => (kind === 'reject' ? { kind, cause } : { kind, cause, afterMs: 3_600_000 }));
      seen += batch.deliveries.length;
      if (seen >= ids.length) return;
    }
  };
  const names = (count: number, prefix = 'e'): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
  const records = async () => (await redis.xrange('mr:{p0}:forced', '-', '+')).map(([, fields]) => fields);

  it('deletes the oldest dead letters beyond their length, as one range on record, and counts them', async () => {
    await fail(names(1300), 'reject');
    await trim({ DEAD_LETTERS_MAX_LENGTH: 100 });
    expect((await dead()).map(idOf).reverse()).toEqual(names(1300).slice(1200));
    const [record, ...others] = await records();
    expect(others).toEqual([]);
    expect(record).toEqual(expect.arrayContaining(['stream', 'dead:sink', 'group', 'sink', 'count', '1200']));
    const text = await metrics.registry.metrics();
    expect(text).toContain('millrace_forced_total{topic="dead:sink",group="sink"} 1200');
  });

  it('bounds them in bytes, however large each is', async () => {
    await fail(names(40), 'reject', MIB / 2);
    await trim({ DEAD_LETTERS_MAX_BYTES: 5 * MIB });
    const bytes = Number(await redis.memory('USAGE', 'mr:{p0}:dead:sink', 'SAMPLES', 0));
    expect(bytes).toBeLessThanOrEqual(5 * MIB);
    const left = await dead();
    expect(left.length).toBeGreaterThan(5);
    expect(idOf(left[0] as StoredDeadLetter)).toBe('e39');
  });

  it('bounds them in age', async () => {
    await redis.xadd('mr:{p0}:dead:sink', '1000-0', 'type', 't', 'event', '{"id":"old"}');
    await fail(['new'], 'reject');
    await trim({});
    expect((await dead()).map(idOf)).toEqual(['new']);
  });

  it('makes dead letters of the oldest that are scheduled for retry, and of nothing else', async () => {
    await fail(names(700, 'old'), 'retry');
    await fail(names(100, 'new'), 'retry');
    await trim({ RETRY_QUEUE_MAX_LENGTH: 100 });
    expect(await redis.zcard('mr:{p0}:parked:sink')).toBe(100);
    expect(await redis.hlen('mr:{p0}:parked:sink:payloads')).toBe(100);
    const letters = await dead();
    expect(letters.map(idOf).sort()).toEqual(names(700, 'old').sort());
    expect(letters[0]).toMatchObject({
      hop: 'sink-postgres',
      group: 'sink',
      stream: 'topic:orders',
      attempts: 1,
      error: 'RetriesOverBound',
      history: [{ attempt: 1, error: 'RangeError: too large' }],
    });
    expect(letters[0]?.message).toMatch(/RETRY_QUEUE_MAX_LENGTH/);
  });

  it('bounds what is scheduled in bytes, also where none of it is ours', async () => {
    await fail(names(40), 'retry', MIB / 2);
    for (let n = 0; n < 10; n += 1) {
      await redis.hset('mr:{p0}:parked:sink:payloads', `foreign${n}`, 'x'.repeat(MIB));
      await redis.zadd('mr:{p0}:parked:sink', Date.now() + 3_600_000, `foreign${n}`);
    }
    await trim({ RETRY_QUEUE_MAX_BYTES: 8 * MIB, DEAD_LETTERS_MAX_BYTES: 0 });
    const kept = await redis.hvals('mr:{p0}:parked:sink:payloads');
    expect(kept.reduce((sum, one) => sum + one.length, 0)).toBeLessThan(9 * MIB);
    const [dead = 0] = await new Operations(transport).deadLetters.counts([range]);
    expect(kept.length + dead).toBe(50);
  });

  it('does nothing within the bounds, and works where Redis is full', async () => {
    await fail(names(20), 'reject');
    await trim({});
    expect(await dead()).toHaveLength(20);
    await redis.config('SET', 'maxmemory', '1mb');
    await trim({ DEAD_LETTERS_MAX_LENGTH: 5 });
    expect(await dead()).toHaveLength(5);
  });

  // Whatever the bounds and sizes: the newest are kept, in their order, and no more than was asked for goes.
  it('keeps the newest that fit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        async (sizes, maxLength) => {
          await redis.del('mr:{p0}:dead:sink');
          const ids: string[] = [];
          for (const size of sizes) {
            const fields = ['type', 't', 'event', JSON.stringify({ id: 'x', data: 'x'.repeat(size) })];
            ids.push((await redis.xadd('mr:{p0}:dead:sink', '*', ...fields)) as string);
          }
          await trim({ DEAD_LETTERS_MAX_LENGTH: maxLength });
          expect((await dead()).map(({ id }) => id).reverse()).toEqual(ids.slice(-maxLength));
        },
      ),
      { numRuns: 20 },
    );
    expect(await redis.exists(`mr:{p0}:${deadStream('sink')}`)).toBe(1);
  });
});
