import type { Delivery, Outcome } from '@millrace/streams';
import { deadStream } from '@millrace/streams';
import { MemoryTransport } from '@millrace/streams/memory';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis } from '@millrace/testkit';
import { ACK, consume, hold } from '../src/testing/take.js';
import { deadLettersOf } from './fixtures/dead-letters.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const COUNTER = 'mr:{p0}:counter';
const LIST = 'mr:{p0}:list';
const count: Outcome = { kind: 'apply', command: { words: ['INCRBY', COUNTER, 1], keys: [COUNTER] } };
const events = (n: number) => Array.from({ length: n }, (_, i) => ({ type: 'test', json: `{"id":"${i}"}` }));

describeOnRealRedis('a command in the step of the acknowledgement', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];

  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });

  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });

  it('is run once for each event', async () => {
    await transport.producer.append(IN, events(1200));
    await consume(
      consumer(),
      (seen) => seen.length === 1200,
      () => count,
    );
    expect(await redis.get(COUNTER)).toBe('1200');
  });

  it('is run in its turn', async () => {
    await transport.producer.append(IN, events(4));
    const { batch, letGo } = await hold(consumer());
    await batch.settle((_, i) => {
      if (i === 1) return ACK;
      return { kind: 'apply', command: { words: ['RPUSH', LIST, i], keys: [LIST], turn: 10 - i } };
    });
    await letGo();
    expect(await redis.lrange(LIST, 0, -1)).toEqual(['3', '2', '0']);
  });

  // Protected by the fence in `settle`: a write and then an ack would count 10.
  it('is not run again by who comes late', async () => {
    await transport.producer.append(IN, events(5));
    const slow = await hold(consumer({ claimAfterMs: 60_000 }));
    const quick = await hold(consumer({ claimAfterMs: 50 }));
    expect((await quick.batch.settle(() => count)).stale).toEqual([]);
    expect((await slow.batch.settle(() => count)).stale).toHaveLength(5);
    expect(await redis.get(COUNTER)).toBe('5');
    await quick.letGo();
    await slow.letGo();
  });

  it('that is refused makes a dead letter with the store’s words, and its neighbours are counted', async () => {
    await transport.producer.append(IN, events(3));
    await redis.rpush(LIST, 'x');
    const { batch, letGo } = await hold(consumer());
    const { dead } = await batch.settle((_, i) =>
      i === 1 ? { kind: 'apply', command: { words: ['INCRBY', LIST, 1], keys: [LIST] } } : count,
    );
    await letGo();
    expect(dead.map(({ event }: Delivery) => event.json)).toEqual(['{"id":"1"}']);
    expect(await redis.get(COUNTER)).toBe('2');
    const [letter] = await deadLettersOf(redis);
    expect(letter?.message).toMatch(/WRONGTYPE/);
    expect(await redis.xlen(`mr:{p0}:${deadStream('g')}`)).toBe(1);
  });

  it('is run for the good events of a frame, and the bad one is a dead letter', async () => {
    await redis.rpush(LIST, 'x');
    const lines = events(4).map(({ json }) => json.replace('}', ',"type":"test"}'));
    await redis.xadd('mr:{p0}:in', '*', 'count', '4', 'events', lines.join('\n'));
    const { batch, letGo } = await hold(consumer());
    const { dead } = await batch.settle((_, i) =>
      i === 1 ? { kind: 'apply', command: { words: ['INCRBY', LIST, 1], keys: [LIST] } } : count,
    );
    expect(dead).toHaveLength(1);
    expect(await redis.get(COUNTER)).toBe('3');
    await letGo();
    const pending = (await redis.call('XPENDING', 'mr:{p0}:in', 'g')) as [number];
    expect(pending[0]).toBe(0);
  });

  it('waits where Redis is full', async () => {
    await transport.producer.append(IN, events(2));
    const { batch, letGo } = await hold(consumer());
    await redis.config('SET', 'maxmemory', '1mb');
    await expect(batch.settle(() => count)).rejects.toThrow(/Redis is full/);
    expect(await redis.get(COUNTER)).toBeNull();
    await batch.settle(() => ACK);
    await letGo();
  });
});

it('is not for the memory transport, which says so', async () => {
  const transport = new MemoryTransport();
  expect(transport.features.applies).toBe(false);
  await transport.producer.append(IN, events(1));
  const { batch, letGo } = await hold(transport.consumer({ group: 'g', streams: () => ['in'], partition: 0 }));
  await expect(batch.settle(() => count)).rejects.toThrow(/no store in memory/);
  await letGo();
  await transport.close();
});
