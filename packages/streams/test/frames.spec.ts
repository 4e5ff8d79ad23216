import type { Delivery, StreamedEvent } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import { numbered, numberedEvents, numberOf } from '../src/testing/events.js';
import { ACK, consume, hold } from '../src/testing/take.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const TOPIC = { name: 'topic:t', partition: 0 };
const KEY = 'mr:{p0}:in';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describeOnRealRedis('frames', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];

  freshRedis(
    (fresh) => {
      ({ transport, redis } = fresh);
    },
    {},
    { frameMaxEvents: 10 },
  );

  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });

  const append = (events: readonly StreamedEvent[]) => transport.producer.append(IN, events);

  it('hold the events of an append, in order, each at a position of its own', async () => {
    const results = await append(numberedEvents(25));
    expect(await redis.xlen(KEY)).toBe(3);
    expect(results.map(({ position }) => position.split('.')[1])).toEqual(
      [...upTo(10), ...upTo(10), ...upTo(5)].map(String),
    );
    const [first] = await redis.xrange(KEY, '-', '+', 'COUNT', 1);
    expect(first?.[1].filter((_, i) => i % 2 === 0)).toEqual(['count', 'events', 'types']);
    expect((await transport.reader.range(IN, '-', '+', 100)).map(numberOf)).toEqual(upTo(25));
    expect(await transport.reader.range(IN, results[7]?.position as string, '+', 1)).toMatchObject([
      { event: numbered(7), position: results[7]?.position },
    ]);
  });

  it('are read backwards from the middle', async () => {
    const results = await append(numberedEvents(25));
    const at = (n: number) => results[n]?.position as string;
    expect((await transport.reader.newest(IN, '-', '+', 7)).map(numberOf)).toEqual([24, 23, 22, 21, 20, 19, 18]);
    expect((await transport.reader.newest(IN, '-', `(${at(13)}`, 5)).map(numberOf)).toEqual([12, 11, 10, 9, 8]);
    expect((await transport.reader.newest(IN, at(8), at(11), 9)).map(numberOf)).toEqual([11, 10, 9, 8]);
  });

  it('are read on from the middle', async () => {
    const results = await append(numberedEvents(25));
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const delivery of transport.reader.tail(IN, results[17]?.position as string, stop.signal)) {
      seen.push(numberOf(delivery));
      if (seen.length === 7) stop.abort();
    }
    expect(seen).toEqual([18, 19, 20, 21, 22, 23, 24]);
  });

  it('get no more events from about 64 KiB on', async () => {
    const large = (n: number): StreamedEvent => ({ type: 't', json: `{"n":${n},"data":"${'x'.repeat(30_000)}"}` });
    await append(upTo(7).map(large));
    const counts = (await redis.xrange(KEY, '-', '+')).map(([, fields]) => (fields[0] === 'count' ? fields[1] : '1'));
    expect(counts).toEqual(['3', '3', '1']);
  });

  // Protected by TRIM_BYTES: otherwise the events of a call are bounded, and its time is not.
  it('are trimmed in calls that read a few of them', async () => {
    const large = (n: number): StreamedEvent => ({ type: 't', json: `{"n":${n},"data":"${'x'.repeat(7000)}"}` });
    const topics = upTo(5).map((n) => ({ name: `topic:t${n}`, partition: 0 }));
    for (const topic of topics) await transport.producer.append(topic, upTo(50).map(large));
    await redis.call('CONFIG', 'RESETSTAT');
    const requests = topics.map((stream) => ({ stream, groups: [], retention: { maxLength: 1, maxAgeMs: 0 } }));
    const results = await transport.trimmer.trim(requests);
    expect(results.map(({ trimmed }) => trimmed)).toEqual(topics.map(() => 40));
    const calls = /cmdstat_fcall:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
    expect(Number(calls)).toBeGreaterThanOrEqual(9); // 1.75 MB.
  });

  it('are not made of one event', async () => {
    await append([numbered(1)]);
    expect((await redis.xrange(KEY, '-', '+'))[0]?.[1]).toEqual(['type', 'test.numbered', 'event', numbered(1).json]);
  });

  it('take JSON of several lines', async () => {
    const json = JSON.stringify(JSON.parse(numbered(1).json), null, 2);
    await append([{ type: 'test.numbered', json }, numbered(2)]);
    const seen = await consume(consumer(), ({ length }) => length === 2);
    expect(seen.map(numberOf)).toEqual([1, 2]);
    expect(JSON.parse(seen[0]?.event.json as string)).toEqual(JSON.parse(json));
  });

  it('say where a duplicate first stood, within a call and beyond', async () => {
    const digests = [['a'], ['b'], ['a'], ['c']];
    const first = await transport.producer.append(IN, numberedEvents(4), { digests });
    expect(first.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'duplicate', 'accepted']);
    expect(first[2]?.position).toBe(first[0]?.position);
    const [again] = await transport.producer.append(IN, [numbered(9)], { digests: [['c']] });
    expect(again).toEqual({ status: 'duplicate', position: first[3]?.position });
    expect((await transport.reader.range(IN, '-', '+', 100)).map(numberOf)).toEqual([0, 1, 3]);
  });

  it('are made of what a router forwards, target by target', async () => {
    await append(numberedEvents(25));
    await consume(
      consumer({ order: 'stream' }),
      ({ length }) => length === 25,
      ({ event }) => ({
        kind: 'forward',
        to: [
          { to: 'topic:t', event },
          ...(numberOf({ event } as Delivery) % 5 === 0 ? [{ to: 'topic:u', event }] : []),
        ],
      }),
    );
    expect(await redis.xlen('mr:{p0}:topic:u')).toBe(1);
    expect((await transport.reader.range(TOPIC, '-', '+', 100)).map(numberOf)).toEqual(upTo(25));
    const [t, u] = await transport.streams.inspect([TOPIC, { name: 'topic:u', partition: 0 }]);
    expect([t?.length, u?.length]).toEqual([25, 5]);
  });

  it('let what fails leave as single events, and keep the rest', async () => {
    await append(numberedEvents(10));
    const options = { maxAttempts: 2, retryDelayMs: () => 1 };
    const tries: number[] = [];
    await consume(
      consumer(options),
      (seen) => seen.length === 11,
      (delivery) => {
        const n = numberOf(delivery);
        if (n === 3) tries.push(delivery.attempt);
        return n === 3 ? { kind: 'retry', cause: new Error('no') } : ACK;
      },
    );
    expect(tries).toEqual([1, 2]);
    const dead = await redis.xrange('mr:{p0}:dead:g', '-', '+');
    expect(dead).toHaveLength(1);
    expect(dead[0]?.[1]).toEqual(expect.arrayContaining([numbered(3).json, expect.stringMatching(/^\d+-\d+\.3$/)]));
    expect((await redis.xpending(KEY, 'g'))[0]).toBe(0);
  });

  it('count by event in lengths, lags and what is in hand', async () => {
    await append(numberedEvents(35));
    const held = await hold(consumer({ maxBatch: 10 }));
    const inHand = held.batch.deliveries.length;
    expect(inHand).toBeGreaterThanOrEqual(10);
    const [state] = await transport.streams.inspect([IN]);
    const [group] = state?.groups ?? [];
    expect(state?.length).toBe(35);
    expect((group?.lag ?? 0) + (group?.pending ?? 0)).toBe(35);
    expect(await transport.streams.backlog(IN, 'g')).toBe(35);
    await held.batch.settle(() => ACK);
    expect(await transport.streams.backlog(IN, 'g')).toBe(35 - inHand);
    expect(await transport.streams.backlog(IN, 'other')).toBe(35);
    await held.letGo();
  });

  it('are trimmed whole, to a length in events, and counted so', async () => {
    for (let n = 0; n < 5; n += 1) await append(numberedEvents(10, n * 10));
    const trim = (maxLength: number, groups: string[] = []) =>
      transport.trimmer.trim([{ stream: IN, retention: { maxLength, maxAgeMs: 0 }, groups }]);
    expect(await trim(25)).toMatchObject([{ trimmed: 20 }]);
    expect((await transport.streams.inspect([IN]))[0]?.length).toBe(30);
    // A group that comes now has seen nothing of what is gone.
    await consume(consumer({ maxBatch: 10 }), ({ length }) => length >= 10);
    const [state] = await transport.streams.inspect([IN]);
    const settled = 30 - (await transport.streams.backlog(IN, 'g'));
    expect(settled % 10).toBe(0);
    expect(state?.length).toBe(30);
    await trim(1, ['g']);
    expect((await transport.streams.inspect([IN]))[0]?.length).toBe(30 - settled || 10);
  });

  it('are told of by event where they are forced out', async () => {
    await append(numberedEvents(20));
    const request = { stream: IN, retention: { maxLength: 10, maxAgeMs: 0 }, groups: ['g'], force: true };
    const [result] = await transport.trimmer.trim([request]);
    expect(result).toMatchObject({ trimmed: 10, losses: [{ group: 'g', count: 10 }] });
    expect(await transport.streams.backlog(IN, 'g')).toBe(10);
  });

  it('forced out after they were settled are no loss, and those in hand are counted once', async () => {
    for (let n = 0; n < 10; n += 1) await append(numberedEvents(10, n * 10));
    const held = await hold(consumer({ maxBatch: 10 }));
    await held.batch.settle(() => ACK);
    await held.letGo();
    const force = (maxLength: number) =>
      transport.trimmer.trim([{ stream: IN, retention: { maxLength, maxAgeMs: 0 }, groups: ['g'], force: true }]);
    const [result] = await force(80);
    expect(result?.trimmed).toBe(20);
    expect(result?.losses).toMatchObject([{ group: 'g', count: 10 }]);
    expect(await transport.streams.backlog(IN, 'g')).toBeGreaterThanOrEqual(80);
  });

  it('are all unsettled again for a group that was lost and made anew', async () => {
    await append(numberedEvents(50));
    await consume(consumer(), ({ length }) => length === 50);
    expect(await transport.streams.backlog(IN, 'g')).toBe(0);
    await redis.call('XGROUP', 'DESTROY', KEY, 'g');
    await transport.trimmer.trim([{ stream: IN, retention: { maxLength: 0, maxAgeMs: 0 }, groups: ['g'] }]);
    expect(await transport.streams.backlog(IN, 'g')).toBe(50);
  });

  it('come in batches of no more events than were asked for, but for one frame', async () => {
    await append(numberedEvents(100));
    const sizes: number[] = [];
    for (const order of ['none', 'stream'] as const) {
      const stop = new AbortController();
      let seen = 0;
      for await (const batch of consumer({ order, group: order, maxBatch: 25 }).batches(stop.signal)) {
        sizes.push(batch.deliveries.length);
        await batch.settle(() => ACK);
        seen += batch.deliveries.length;
        if (seen === 100) stop.abort();
      }
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(25);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(200);
  });

  it('of which one event goes to a bad target lose that one alone', async () => {
    await append(numberedEvents(10));
    await redis.set('mr:{p0}:topic:bad', 'no stream');
    await consume(
      consumer(),
      ({ length }) => length === 10,
      ({ event }) => {
        const to = numberOf({ event } as Delivery) === 4 ? 'topic:bad' : 'topic:t';
        return { kind: 'forward', to: [{ to, event }] };
      },
    );
    expect((await transport.reader.range(TOPIC, '-', '+', 100)).map(numberOf)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(await redis.xlen('mr:{p0}:dead:g')).toBe(1);
  });

  it('of which Redis refuses a command do nothing else twice', async () => {
    await append(numberedEvents(4));
    await redis.set('mr:{p0}:text', 'x');
    await consume(
      consumer(),
      ({ length }) => length === 4,
      (delivery) => {
        const n = numberOf(delivery);
        if (n === 0) return { kind: 'reject', cause: new Error('no') };
        const key = n === 2 ? 'mr:{p0}:text' : 'mr:{p0}:list';
        return { kind: 'apply', command: { words: ['RPUSH', key, n], keys: [key] } };
      },
    );
    const dead = await redis.xrange('mr:{p0}:dead:g', '-', '+');
    expect(dead.map(([, fields]) => fields[fields.indexOf('event') + 1])).toEqual([numbered(0).json, numbered(2).json]);
    expect(await redis.lrange('mr:{p0}:list', 0, -1)).toEqual(['1', '3']);
  });

  it('do not leave wrong counts behind a stream that was deleted', async () => {
    await append(numberedEvents(20));
    await redis.del(KEY);
    expect((await transport.streams.inspect([IN]))[0]?.length).toBe(0);
    const request = { stream: IN, retention: { maxLength: 0, maxAgeMs: 0 }, groups: ['g'] };
    await transport.trimmer.trim([request]);
    await append(numberedEvents(20));
    expect((await transport.streams.inspect([IN]))[0]?.length).toBe(20);
    await consume(consumer(), ({ length }) => length === 20);
    expect(await transport.streams.backlog(IN, 'g')).toBe(0);
  });

  it('under a key order wait key by key, not frame by frame', async () => {
    await append(upTo(20).map((n) => numbered(n, n % 2 === 0 ? 'even' : 'odd')));
    const seen: number[] = [];
    const stop = new AbortController();
    let failures = 0;
    const options = { order: 'key', retryDelayMs: () => 1500 };
    const running = (async () => {
      for await (const batch of consumer(options).batches(stop.signal)) {
        expect(new Set(batch.deliveries.map((one) => numberOf(one) % 2)).size).toBe(batch.deliveries.length);
        await batch.settle((delivery) => {
          if (numberOf(delivery) === 4 && failures++ < 1) return { kind: 'retry', cause: new Error('once') };
          seen.push(numberOf(delivery));
          return ACK;
        });
      }
    })();
    await waitFor(() => seen.length === 20, { what: 'all of them' });
    stop.abort();
    await running;
    expect(seen.filter((n) => n % 2 === 0)).toEqual(upTo(10).map((n) => 2 * n));
    expect(seen.filter((n) => n % 2 === 1)).toEqual(upTo(10).map((n) => 2 * n + 1));
    // The other key went on meanwhile.
    expect(seen.indexOf(19)).toBeLessThan(seen.indexOf(4));
    expect(await transport.streams.backlog(IN, 'g')).toBe(0);
  });

  it('under a key order keep it where the consumer goes with some of a frame done', async () => {
    await append(upTo(10).map((n) => numbered(n, 'k')));
    await append([numbered(10, 'k')]);
    const first = consumer({ order: 'key', claimAfterMs: 300 }).batches(AbortSignal.timeout(10_000));
    const iterator = first[Symbol.asyncIterator]();
    const seen: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { value } = await iterator.next();
      await value.settle((delivery: Delivery) => {
        seen.push(numberOf(delivery));
        return ACK;
      });
    }
    await iterator.return?.();
    const rest = await consume(consumer({ order: 'key', claimAfterMs: 300 }), ({ length }) => length === 8);
    expect([...seen, ...rest.map(numberOf)]).toEqual(upTo(11));
  });

  it.each(['none', 'key', 'stream'] as const)(
    'that a consumer left after the only attempt are dead letters, in order by %s',
    async (order) => {
      await append(numberedEvents(3));
      await redis.call('XGROUP', 'CREATE', KEY, 'g', '0');
      await redis.call('XREADGROUP', 'GROUP', 'g', 'gone', 'STREAMS', KEY, '>');
      const stop = new AbortController();
      const seen: number[] = [];
      const running = (async () => {
        for await (const batch of consumer({ order, maxAttempts: 1, claimAfterMs: 100 }).batches(stop.signal)) {
          seen.push(...batch.deliveries.map(numberOf));
          await batch.settle(() => ACK);
        }
      })();
      await waitFor(async () => (await redis.xlen('mr:{p0}:dead:g')) === 3, { what: 'three dead letters' });
      stop.abort();
      await running;
      expect(seen).toEqual([]);
    },
  );

  // Protected by `give` in the consumer: without it ten events die of one.
  it('of which one event kills its consumers lose that one alone', async () => {
    await append(numberedEvents(10));
    const options = { claimAfterMs: 100, maxAttempts: 3 };
    // As if two processes had died with the frame in hand.
    await redis.call('XGROUP', 'CREATE', KEY, 'g', '0');
    await redis.call('XREADGROUP', 'GROUP', 'g', 'dead', 'STREAMS', KEY, '>');
    const [[id]] = (await redis.xrange(KEY, '-', '+')) as unknown as [[string]];
    await redis.call('XCLAIM', KEY, 'g', 'dead', 0, id, 'IDLE', 60_000, 'RETRYCOUNT', 2);
    const seen = await consume(consumer(options), ({ length }) => length === 10);
    expect(seen.map(numberOf)).toEqual(upTo(10));
    expect(seen.map(({ attempt }) => attempt)).toEqual(upTo(10).map(() => 1));
    expect(seen.every(({ position }) => position.startsWith(`${id}.`))).toBe(true);
    expect(await transport.streams.backlog(IN, 'g')).toBe(0);
  });
});
