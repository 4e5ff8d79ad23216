import { type Batch, serveBatches, TransientError } from '@millrace/streams';
import { infoRecord, RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, waitFor } from '@millrace/testkit';
import { ReadSize } from '../src/redis/consume/read-size.js';
import { STREAMS_LIBRARY } from '../src/redis/functions/streams-library.js';
import { deadLettersOf } from './fixtures/dead-letters.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const MIB = 1024 * 1024;
const large = 'x'.repeat(MIB);
const event = (n: number, data = '', subject = 'k') => ({
  type: 't',
  json: `{"specversion":"1.0","id":"${n}","source":"/s","type":"t","subject":"${subject}","data":"${data}"}`,
});
const idOf = (json: string): number => Number(/"id":"(\d+)"/.exec(json)?.[1]);
const key = (stream: string) => `mr:{p0}:${stream}`;

describe('how much a read asks for', () => {
  it('is one budget for all streams, by the largest entry that came lately', () => {
    const size = new ReadSize(() => 4 * MIB);
    const entry = (source: string, bytes: number) =>
      ({ source, id: '1-1', deliveries: [{ event: { type: '', json: 'x'.repeat(bytes) } }] }) as never;
    size.read(Array.from({ length: 200 }, (_, n) => entry(`topic:${n}`, 1000)));
    expect(size.entriesFor(500)).toBe(Math.floor((4 * MIB) / (200 * 1200)));
    size.read([entry('topic:1', MIB)]);
    expect(size.entriesFor(500)).toBe(1);
    size.overflow();
    expect(size.entriesFor(500)).toBe(1);
  });
});

describeOnRealRedis('what is bounded in bytes', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];
  let server: RedisServer;
  freshRedis((fresh) => {
    ({ transport, redis, server } = fresh);
  });

  /** Four small events, and then many large ones: what a read learned of the first says nothing of the others. */
  const fill = async (count: number): Promise<void> => {
    await transport.producer.append(
      IN,
      Array.from({ length: 4 }, (_, n) => event(n)),
    );
    for (let n = 4; n < count; n += 1) await transport.producer.append(IN, [event(n, large)]);
  };

  const serve = (options: object, handle: (batch: Batch) => Promise<void>, of = transport) => {
    const stop = new AbortController();
    const consumer = of.consumer({ group: 'g', streams: () => ['in'], partition: 0, claimAfterMs: 2000, ...options });
    const running = serveBatches(consumer, handle, stop.signal);
    return async () => {
      stop.abort();
      await running;
    };
  };

  // Protected by `AnswerGuard`: without it the second read brings all 96 MiB at once.
  it.each(['none', 'stream', 'key'] as const)(
    'a batch, after small events as after large ones, in order %s',
    async (order) => {
      await fill(100);
      const seen: number[] = [];
      let most = 0;
      const end = serve({ order }, async (batch) => {
        most = Math.max(
          most,
          batch.deliveries.reduce((sum, { event: { json } }) => sum + json.length, 0),
        );
        const { stale } = await batch.settle(() => ({ kind: 'ack' }));
        for (const delivery of batch.deliveries) if (!stale.includes(delivery)) seen.push(idOf(delivery.event.json));
      });
      await waitFor(() => seen.length === 100, { what: 'all of them' });
      await end();
      expect(new Set(seen).size).toBe(100);
      if (order !== 'none') expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(most).toBeLessThanOrEqual(33 * MIB);
      // What was dropped was handed out to nobody, so it counts for nobody.
      expect(await deadLettersOf(redis)).toEqual([]);
    },
  );

  // Protected by `mostBytes` and by pages of `claim_pending`: without them the owner, and the next one, takes all of it into its memory.
  it('what waits in flight for its next attempt under fifo, by a new owner too', async () => {
    for (let n = 0; n < 80; n += 1) await transport.producer.append(IN, [event(n, large, `k${n}`)]);
    const consumers = async () =>
      ((await redis.call('XINFO', 'CONSUMERS', key('in'), 'g')) as unknown[]).map(infoRecord);
    const hold = async (of: RedisTransport): Promise<number> => {
      const held = new Set<number>();
      const end = serve(
        { order: 'key', maxAttempts: 100 },
        async (batch) => {
          for (const delivery of batch.deliveries) held.add(idOf(delivery.event.json));
          await batch.settle(() => ({ kind: 'retry', cause: new TransientError('no'), afterMs: 3_600_000 }));
        },
        of,
      );
      // Nothing more is read, although there is more.
      const isStill = async () => held.size > 0 && (await consumers()).every(({ idle }) => Number(idle) > 1500);
      await waitFor(isStill, { what: 'the owner to stop reading' }).finally(end);
      return held.size;
    };
    expect(await hold(transport)).toBeLessThanOrEqual(16 + 32);
    // Everything is pending now, and the next owner takes up twice what an owner has in flight, and one page.
    await redis.call('XREADGROUP', 'GROUP', 'g', 'gone', 'STREAMS', key('in'), '>');
    await redis.call('XAUTOCLAIM', key('in'), 'g', 'gone', 0, '0', 'COUNT', 80, 'JUSTID');
    const second = new RedisTransport({ url: server.url });
    await hold(second).finally(() => second.close());
    const left = (await consumers()).find(({ name }) => name === 'gone');
    expect(Number(left?.pending)).toBeGreaterThanOrEqual(80 - (2 * 16 + 16));
  });

  // Protected by READ_BYTES in `due`: 500 of these took Redis more than a second.
  it('a call of `due`', async () => {
    const payload = JSON.stringify(['type', 't', 'event', event(1, large).json]);
    for (let n = 0; n < 8; n += 1) {
      await redis.hset(key('parked:g:payloads'), `n${n}`, payload);
      await redis.zadd(key('parked:g'), 1000 + n, `n${n}`);
    }
    await transport.partitions.read(); // Loads the library.
    const due = () =>
      redis.call(
        'FCALL',
        STREAMS_LIBRARY.functionName('due'),
        3,
        key('parked:g'),
        key('parked:g:payloads'),
        key('again:g'),
        500,
        86_400_000,
      );
    expect(await due()).toEqual([1, 0]);
    for (let n = 1; n < 7; n += 1) expect(await due()).toEqual([1, 0]);
    expect(await due()).toEqual([1, -1]);
    expect(await redis.xlen(key('again:g'))).toBe(8);
  });

  it('a claim, and one entry that is larger than any process has room for is a dead letter', async () => {
    await transport.producer.append(IN, [event(1, large), event(2, large), event(3)]);
    await redis.xadd(key('in'), '*', 'type', 't', 'event', 'x'.repeat(33 * MIB));
    await transport.producer.append(IN, [event(4)]);
    await redis.call('XGROUP', 'CREATE', key('in'), 'g', '0');
    await redis.call('XREADGROUP', 'GROUP', 'g', 'gone', 'COUNT', 10, 'STREAMS', key('in'), '>');
    const sizes: number[] = [];
    const seen: number[] = [];
    const end = serve({ claimAfterMs: 100 }, async (batch) => {
      sizes.push(batch.deliveries.length);
      seen.push(...batch.deliveries.map(({ event: { json } }) => idOf(json)));
      await batch.settle(() => ({ kind: 'ack' }));
    });
    await waitFor(() => seen.length === 4, { what: 'the others' });
    await end();
    expect(seen.toSorted()).toEqual([1, 2, 3, 4]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2);
    const [letter] = await deadLettersOf(redis);
    expect(letter).toMatchObject({ error: 'EntryTooLarge', stream: 'in' });
    expect(letter).not.toHaveProperty('event');
    expect(await redis.xlen(key('in'))).toBe(5);
  });

  // Protected by calls of a thousand: Lua hands over no more than 8,000 arguments.
  it('a renewal of ten thousand entries, all of which are renewed', async () => {
    const count = 9500;
    for (let from = 0; from < count; from += 500) {
      await transport.producer.append(
        IN,
        Array.from({ length: 500 }, (_, n) => event(from + n)),
      );
    }
    const options = { group: 'g', streams: () => ['in'], partition: 0, maxBatch: 10_000, claimAfterMs: 6000 };
    let taken = 0;
    let longestIdleMs = 0;
    const batches = transport.consumer(options).batches(AbortSignal.timeout(25_000));
    for await (const batch of batches) {
      if (batch.deliveries.length > 8000) {
        const since = performance.now();
        // Nobody asked for them for longer than that: they were renewed meanwhile.
        const areRenewed = async (): Promise<boolean> => {
          const all = (await redis.call('XPENDING', key('in'), 'g', '-', '+', 10_000)) as [string, string, number][];
          longestIdleMs = Math.max(...all.map(([, , idleMs]) => idleMs));
          return longestIdleMs < performance.now() - since - 1000;
        };
        await waitFor(areRenewed, { what: 'all of them to be renewed' });
      }
      expect((await batch.settle(() => ({ kind: 'ack' }))).stale).toEqual([]);
      taken += batch.deliveries.length;
      if (taken === count) break;
    }
    expect(longestIdleMs).toBeGreaterThan(0);
  });

  it('an append with thousands of digests, which are all remembered', async () => {
    const events = Array.from({ length: 500 }, (_, n) => event(n));
    const digests = events.map((_, n) => Array.from({ length: 20 }, (__, d) => `${n}/${d}`));
    await transport.producer.append(IN, events, { digests });
    const again = await transport.producer.append(IN, events, { digests });
    expect(again.every(({ status }) => status === 'duplicate')).toBe(true);
    expect(await redis.xlen(key('in'))).toBe(500);
  });

  it('an answer of the reader, which goes on where it ended', async () => {
    await fill(40);
    const seen: number[] = [];
    for (let from = '-'; ; ) {
      const page = await transport.reader.range(IN, from, '+', 500);
      if (page.length === 0) break;
      expect(page.reduce((sum, { event: { json } }) => sum + json.length, 0)).toBeLessThanOrEqual(6 * MIB);
      seen.push(...page.map(({ event: { json } }) => idOf(json)));
      from = `(${page.at(-1)?.position}`;
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(await transport.reader.newest(IN, '-', '+', 500, MIB)).toHaveLength(1);
    const [first, last] = await Promise.all([
      transport.reader.endOf(IN, '-', '+', 'oldest'),
      transport.reader.endOf(IN, '-', '+', 'newest'),
    ]);
    expect(await transport.reader.range(IN, first as string, first as string, 1)).toHaveLength(1);
    expect(await transport.reader.endOf(IN, `(${last}`, '+', 'oldest')).toBeUndefined();
  });
});
