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
      fc.asyncProperty(calls, goes, fc.integer({ min: 0, max: 3 }), async (all, stops, apart) => {
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
          const options = { order: 'key' as const, maxAttempts: 9, retryDelayMs: () => 5 };
          const consumer = transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });
          let batches = 0;
          if (ended.length < plans.length) {
            for await (const batch of consumer.batches(stop.signal)) {
              const some = batch.deliveries.slice(0, apart);
              if (some.length > 0) await batch.settle(outcomeOf, some);
              batches += 1;
              // It goes with the rest of the batch in flight.
              if (batches < most) await batch.settle(outcomeOf);
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
    const calls = fc.array(fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 7 }), {
      minLength: 1,
      maxLength: 4,
    });
    const kills = fc.array(fc.record({ batch: fc.nat(6), part: fc.nat(3), retries: fc.boolean() }), { maxLength: 3 });
    const control = new RedisTransport({ url: redis.url });
    const admin = control.connections.connect('admin');
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(calls, kills, async (all, lost) => {
        const transport = new RedisTransport({ url: redis.url, keyPrefix: `k${turn++}:`, frameMaxEvents: 4 });
        const keys = all.flat();
        let n = 0;
        for (const call of all)
          await transport.producer.append(
            IN,
            call.map((key) => numbered(n++, key)),
          );
        const ended = new Set<number>();
        const stop = new AbortController();
        const options = { order: 'key' as const, claimAfterMs: 1000, maxAttempts: 100, retryDelayMs: () => 5 };
        const consumer = transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });
        let batches = -1;
        for await (const batch of consumer.batches(stop.signal)) {
          batches += 1;
          const numbers = batch.deliveries.map(numberOf);
          for (const i of numbers) {
            const before = keys.slice(0, i).flatMap((key, k) => (key === keys[i] && !ended.has(k) ? [k] : []));
            expect({ i, before }).toEqual({ i, before: [] });
          }
          const here = lost.find((one) => one.batch === batches);
          const outcomeOf = (_: Delivery, index: number): Outcome =>
            here?.retries && index === here.part ? { kind: 'retry', cause: new Error('once') } : { kind: 'ack' };
          const settle = async (which: readonly Delivery[]): Promise<void> => {
            await batch.settle((one) => outcomeOf(one, batch.deliveries.indexOf(one)), which);
            for (const one of which) {
              if (outcomeOf(one, batch.deliveries.indexOf(one)).kind === 'ack') ended.add(numberOf(one));
            }
          };
          try {
            if (here !== undefined) {
              await settle(batch.deliveries.slice(0, here.part));
              await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
              await settle(batch.deliveries.slice(here.part));
            } else await settle(batch.deliveries);
          } catch (error) {
            if (!(error instanceof Unavailable)) throw error;
          }
          if (ended.size === keys.length) stop.abort();
        }
        const inspected = async () => (await transport.streams.inspect([IN]))[0]?.groups[0];
        await waitFor(async () => (await inspected())?.lag === 0, { what: 'the group to be done' });
        await transport.close();
      }),
      { numRuns: fuzzRuns(8), endOnFailure: true },
    );
    await control.close();
  }, 120_000);
});
