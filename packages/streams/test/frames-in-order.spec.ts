import { type Delivery, type Outcome, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, fuzzRuns, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { numbered, numberOf } from '../src/testing/events.js';

const IN = { name: 'in', partition: 0 };
const KEYS = ['a', 'b', 'c'];

interface Plan {
  readonly key: string;
  /** What becomes of it at each attempt; after the last of these it is acknowledged. */
  readonly before: readonly ('retry' | 'wait')[];
  readonly last: 'ack' | 'reject' | 'forward';
}

const plan: fc.Arbitrary<Plan> = fc.record({
  key: fc.constantFrom(...KEYS),
  before: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    fc.array(fc.constantFrom('retry', 'wait'), { maxLength: 2 }),
  ),
  last: fc.oneof({ weight: 6, arbitrary: fc.constant('ack' as const) }, fc.constantFrom('reject', 'forward')),
});

describeOnRealRedis('frames in key order', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('keep the order of each key, and every event comes to its end once, however they fail and consumers go', async () => {
    const calls = fc.array(fc.array(plan, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 5 });
    /** After how many batches a consumer goes; how many deliveries of each batch it settles by a call of their own. */
    const goes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 });
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(calls, goes, fc.integer({ min: 0, max: 3 }), fc.boolean(), async (all, stops, apart, atOnce) => {
        const transport = new RedisTransport({ url: redis.url, keyPrefix: `o${turn++}:`, frameMaxEvents: 4 });
        const plans = all.flat();
        let n = 0;
        for (const call of all)
          await transport.producer.append(
            IN,
            call.map(({ key }) => numbered(n++, key)),
          );
        const attempts = plans.map(() => 0);
        const ended: number[] = [];
        const lines = new Map(KEYS.map((key) => [key, plans.flatMap((one, i) => (one.key === key ? [i] : []))]));
        const outcomeOf = (delivery: Delivery): Outcome => {
          const i = numberOf(delivery);
          const { key, before, last } = plans[i] as Plan;
          // Nothing overtakes: it is the first of its key that has not come to its end.
          expect(lines.get(key)?.[0]).toBe(i);
          const kind = before[attempts[i] as number] ?? last;
          attempts[i] = (attempts[i] as number) + 1;
          if (kind === 'retry') return { kind, cause: new Error('once') };
          if (kind === 'wait') return { kind, cause: new Error('away'), afterMs: 5 };
          lines.get(key)?.shift();
          ended.push(i);
          if (kind === 'reject') return { kind, cause: new Error('bad') };
          const { event } = delivery;
          return kind === 'ack' ? { kind } : { kind, to: [{ to: 'topic:t', event }] };
        };
        for (const most of [...stops, Number.POSITIVE_INFINITY]) {
          const stop = new AbortController();
          const options = { order: 'key' as const, maxAttempts: 9, maxBatch: 5, retryDelayMs: () => 5 };
          const consumer = transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });
          let batches = 0;
          if (ended.length < plans.length) {
            for await (const batch of consumer.batches(stop.signal)) {
              batches += 1;
              const some = batch.deliveries.slice(0, apart);
              // Where it goes, it does with the rest of the batch in flight.
              const rest = batches < most ? batch.deliveries.slice(apart) : [];
              const calls = [...some.map((one) => [one]), rest].filter(({ length }) => length > 0);
              if (atOnce) await Promise.all(calls.map((one) => batch.settle(outcomeOf, one)));
              else for (const one of calls) await batch.settle(outcomeOf, one);
              if (batches >= most || ended.length === plans.length) stop.abort();
            }
          }
        }
        expect(ended.toSorted((a, b) => a - b)).toEqual(plans.map((_, i) => i));
        const [state] = await transport.streams.inspect([IN]);
        expect(state?.groups).toMatchObject([{ lag: 0, pending: 0 }]);
        const rejected = plans.filter(({ last }) => last === 'reject').length;
        expect((await transport.streams.inspect([{ name: 'dead:g', partition: 0 }]))[0]?.length).toBe(rejected);
        const forwarded = plans.filter(({ last }) => last === 'forward').length;
        expect((await transport.streams.inspect([{ name: 'topic:t', partition: 0 }]))[0]?.length).toBe(forwarded);
        await transport.close();
      }),
      { numRuns: fuzzRuns(25) },
    );
  }, 120_000);

  // What is handed out again by a connection that is lost may be a repeat; it may not overtake, and nothing may be lost.
  it('lose nothing, and keep the order of each key, however often the connection to Redis is lost', async () => {
    const event = fc.record({ key: fc.constantFrom(...KEYS, 'd', 'e'), fails: fc.nat(4).map((n) => n === 0) });
    const all = fc.array(event, { minLength: 20, maxLength: 40 });
    const kills = fc.array(fc.record({ batch: fc.nat(12), part: fc.nat(3) }), { maxLength: 4 });
    const control = new RedisTransport({ url: redis.url });
    const admin = control.connections.connect('admin');
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(all, kills, fc.constantFrom(2, 3, 500), async (events, lost, maxBatch) => {
        const transport = new RedisTransport({ url: redis.url, keyPrefix: `k${turn++}:`, frameMaxEvents: 10 });
        await transport.producer.append(
          IN,
          events.map(({ key }, n) => numbered(n, key)),
        );
        const failed = new Set<number>();
        const ended = new Set<number>();
        const stop = new AbortController();
        const options = { order: 'key' as const, claimAfterMs: 1000, maxAttempts: 100, retryDelayMs: () => 5 };
        const consumer = transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, maxBatch, ...options });
        const outcomeOf = (delivery: Delivery): Outcome =>
          events[numberOf(delivery)]?.fails && !failed.has(numberOf(delivery))
            ? { kind: 'retry', cause: new Error('once') }
            : { kind: 'ack' };
        let batches = -1;
        for await (const batch of consumer.batches(stop.signal)) {
          batches += 1;
          for (const i of batch.deliveries.map(numberOf)) {
            const before = events
              .slice(0, i)
              .flatMap(({ key }, k) => (key === events[i]?.key && !ended.has(k) ? [k] : []));
            expect({ i, before }).toEqual({ i, before: [] });
          }
          const settle = async (which: readonly Delivery[]): Promise<void> => {
            await batch.settle(outcomeOf, which);
            for (const one of which) (outcomeOf(one).kind === 'ack' ? ended : failed).add(numberOf(one));
          };
          try {
            const here = lost.find((one) => one.batch === batches);
            await settle(batch.deliveries.slice(0, here?.part));
            if (here !== undefined) {
              await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
              await settle(batch.deliveries.slice(here.part));
            }
          } catch (error) {
            if (!(error instanceof Unavailable)) throw error;
          }
          if (ended.size === events.length) stop.abort();
        }
        const inspected = async () => (await transport.streams.inspect([IN]))[0]?.groups[0];
        await waitFor(async () => (await inspected())?.lag === 0, { what: 'the group to be done' });
        await transport.close();
      }),
      { numRuns: fuzzRuns(12), endOnFailure: true },
    );
    await control.close();
  }, 120_000);
});
