import { deadStream, serveBatches } from '@millrace/streams';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { readEntry } from '../../src/entry.js';
import { deadLettersOf } from '../fixtures/dead-letters.js';
import { type FreshRedis, freshRedis } from '../fixtures/fresh-redis.js';

const OURS = [
  ...['type', 'event', 'events', 'types', 'count', 'attempt', 'position', 'stream', 'first', 'history', 'redriven'],
  ...['hop', 'group', 'consumer', 'error', 'message', 'fields', 'attempts', 'last', 'parked', 'payload'],
];
const ODD = [
  ...[
    '',
    '0',
    '-1',
    '5',
    'v1',
    'yes',
    'Ada',
    'NaN',
    'Infinity',
    '1e309',
    '0x10',
    '9007199254740993',
    'null',
    '[]',
    '{}',
  ],
  ...['[null]', '[5]', '{"at":null}', '{"at":1,"attempts":-1}', '[{"at":"x"}]', '1-1', '1-1.x', '\n', '"', '[[['],
];

const value = fc.oneof(fc.constantFrom(...ODD), fc.string(), fc.json());
const fieldName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...OURS) },
  { weight: 1, arbitrary: fc.string({ minLength: 1 }) },
);
const fieldsOf = fc.array(fc.tuple(fieldName, value), { minLength: 1, maxLength: 8 }).map((pairs) => pairs.flat());

/** The event of an entry of ours, by its number. */
const good = (n: number) => ({ type: 't', json: `{"specversion":"1.0","id":"${n}","source":"/s","type":"t"}` });

describe('an entry that anybody may have written', () => {
  // Protected by `stored.ts`: with JSON.parse and Number in its place this finds `history v1` at once.
  it('is read whatever its fields are: as deliveries that can be settled, or as one that is foreign', () => {
    fc.assert(
      fc.property(fieldsOf, fc.constantFrom('in', 'topic:a', 'again:g'), (fields, stream) => {
        const { deliveries } = readEntry(stream, 0, '1-1', fields, 1);
        expect(deliveries.length).toBeGreaterThan(0);
        for (const { attempt, position, history, firstFailedAt, redriven, event, foreign } of deliveries) {
          expect(Number.isSafeInteger(attempt) && attempt >= 1).toBe(true);
          expect(position).toMatch(/^\d+-\d+(\.\d+)?$/);
          expect(history.every((failure) => typeof failure.error === 'string')).toBe(true);
          expect([undefined, true]).toContain(
            firstFailedAt === undefined ? undefined : Number.isSafeInteger(firstFailedAt),
          );
          expect(redriven === undefined || redriven.attempts <= attempt).toBe(true);
          expect(typeof event.json).toBe('string');
          if (foreign !== undefined)
            expect({ json: event.json, deliveries: deliveries.length }).toEqual({ json: '', deliveries: 1 });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describeOnRealRedis('foreign entries between good ones', () => {
  let transport: FreshRedis['transport'];
  let redis: FreshRedis['redis'];
  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });

  const key = (stream: string) => `mr:{p0}:${stream}`;

  /** Serves until the group has settled everything; gives ids of events that the handler saw with one, by how often. */
  const served = async (streams: string[], order: 'none' | 'stream' | 'key', expected: number) => {
    const seen = new Map<string, number>();
    const stop = new AbortController();
    const consumer = transport.consumer({ group: 'g', streams: () => streams, partition: 0, claimAfterMs: 500, order });
    const running = serveBatches(
      consumer,
      async (batch) => {
        const { stale } = await batch.settle(() => ({ kind: 'ack' }));
        for (const delivery of batch.deliveries) {
          if (delivery.event.json === '' || stale.includes(delivery)) continue;
          const { id } = JSON.parse(delivery.event.json) as { id: string };
          seen.set(id, (seen.get(id) ?? 0) + 1);
        }
      },
      stop.signal,
    );
    const isDone = async () => {
      const all = [...streams, 'again:g'];
      const left = await Promise.all(all.map((name) => transport.streams.backlog({ name, partition: 0 }, 'g')));
      return seen.size === expected && left.every((count) => count === 0);
    };
    await waitFor(isDone, { what: `${expected} good events, and nothing left` }).finally(async () => {
      stop.abort();
      await running;
    });
    return seen;
  };

  // Protected by `foreign` in `place`, and by `readEntry`, which does not throw.
  it.each(['none', 'stream', 'key'] as const)(
    'all good ones are delivered, each foreign one is one dead letter, in order %s',
    async (order) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom('in', 'topic:a', 'again:g'), fieldsOf), { minLength: 1, maxLength: 40 }),
          async (some) => {
            await redis.flushall();
            let [goods, foreign] = [0, 0];
            for (const [stream, fields] of some) {
              const { deliveries } = readEntry(stream, 0, '1-1', fields, 1);
              // What reads as an event of ours is one: its JSON may be anything, which is the business of who decodes it.
              if (deliveries[0]?.foreign === undefined) continue;
              await transport.producer.append({ name: stream, partition: 0 }, [good(goods++)]);
              await redis.xadd(key(stream), '*', ...fields);
              foreign += 1;
            }
            await transport.producer.append({ name: 'in', partition: 0 }, [good(goods++)]);
            const seen = await served(['in', 'topic:a'], order, goods);
            expect([...seen.values()].every((times) => times === 1)).toBe(true);
            expect(await deadLettersOf(redis)).toHaveLength(foreign);
          },
        ),
        { numRuns: 4, endOnFailure: true },
      );
    },
  );

  it('keeps the event of an entry whose other fields are foreign, to be sent again', async () => {
    await redis.xadd(key('in'), '*', 'type', 't', 'event', good(1).json, 'history', 'v1');
    await transport.producer.append({ name: 'in', partition: 0 }, [good(2)]);
    await served(['in'], 'none', 1);
    const [letter] = await deadLettersOf(redis);
    expect(letter).toMatchObject({ event: good(1).json, type: 't', fields: '["type","t","history","v1"]' });
    expect(letter?.message).toMatch(/not an entry of Millrace/);
  });

  // Protected by `parked_fields`: a payload that cannot be decoded was in the way of all that was due, for ever.
  it('a parked delivery that is none of ours is one dead letter, and its neighbours come', async () => {
    const payload = ['type', 't', 'event', good(1).json, 'stream', 'in', 'position', '1-1', 'attempt', '1'];
    await redis.hset(
      key('parked:g:payloads'),
      'ours',
      JSON.stringify(payload),
      'text',
      'no json',
      'odd',
      '["a"]',
      'deep',
      '[[1],{}]',
    );
    const names = ['ours', 'text', 'odd', 'deep', 'missing'];
    await redis.zadd(key('parked:g'), ...names.flatMap((one, n) => [n, one]));
    const seen = await served(['in'], 'none', 1);
    expect([...seen.keys()]).toEqual(['1']);
    const stream = { name: deadStream('g'), partition: 0 };
    await waitFor(async () => (await transport.reader.range(stream, '-', '+', 100)).length === 4, {
      what: 'four dead letters',
    });
  });

  it('what else stands in Redis is read whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fieldName, value), { minLength: 1, maxLength: 6 }), async (pairs) => {
        await redis.flushall();
        const flat = pairs.flat();
        for (const name of ['sinks', 'controls', 'partitions']) await redis.hset(`mr:{ctl}:${name}`, ...flat);
        await redis.hset(
          'mr:{ctl}:controls',
          'pause g',
          flat[1] as string,
          'log all',
          flat[1] as string,
          'trace',
          flat[1] as string,
        );
        await redis.hset(
          'mr:{ctl}:partitions',
          'count',
          flat[1] as string,
          'raise',
          'x',
          'to',
          flat[1] as string,
          'until',
          flat[1] as string,
        );
        await redis.set('mr:{p0}:gate', flat[1] as string);
        await transport.registry.groups();
        expect(Number.isSafeInteger((await transport.partitions.read()).count)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
