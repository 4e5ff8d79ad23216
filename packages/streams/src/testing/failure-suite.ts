import { describe, expect, it } from '@jest/globals';
import type { Consumer, ConsumerOptions, Delivery, Transport } from '../contract.js';
import { deadStream } from '../names.js';
import { numberedEvents as events, IN, numberOf } from './events.js';
import { ACK, consume, hold } from './take.js';

const numbers = (deliveries: readonly Delivery[]): number[] => deliveries.map(numberOf);

/** The part of the contract for what does not go well: retries, rejects and claims. */
export const describeFailures = (opened: () => Transport): void => {
  const consumer = (options: Partial<ConsumerOptions> = {}): Consumer =>
    opened().consumer({ group: 'g', streams: () => ['in'], partition: 0, retryDelayMs: () => 20, ...options });
  const all = (stream: string) => opened().reader.range({ name: stream, partition: 0 }, '-', '+', 10_000);

  describe('a retry', () => {
    it('comes again, counted, with its origin, and holds nobody up', async () => {
      await opened().producer.append(IN, events(3));
      const seen = await consume(
        consumer(),
        (got) => got.length === 4,
        ({ event: { json }, attempt }) =>
          json.includes('"id":"1"') && attempt === 1 ? { kind: 'retry', cause: new Error('not yet') } : ACK,
      );
      expect(numbers(seen)).toEqual([0, 1, 2, 1]);
      const [, first, , second] = seen as [Delivery, Delivery, Delivery, Delivery];
      expect(second).toMatchObject({ attempt: 2, position: first.position, stream: 'in', event: first.event });
      expect(second.firstFailedAt).toBeGreaterThan(0);
    });

    it('ends in the dead letters after the last attempt', async () => {
      await opened().producer.append(IN, events(1));
      const seen = await consume(
        consumer({ maxAttempts: 3 }),
        (got) => got.length === 3,
        () => ({ kind: 'retry', cause: new RangeError('never') }),
      );
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      const dead = await all(deadStream('g'));
      expect(dead.map(({ event: it }) => it)).toEqual(events(1));
    });

    it('ends in the dead letters when it is too old, whatever attempts are left', async () => {
      await opened().producer.append(IN, events(1));
      await consume(
        consumer({ maxAttempts: 1000, maxRetryAgeMs: 100 }),
        ([first]) => first !== undefined,
        () => ({ kind: 'retry', cause: new Error('never') }),
      );
      const again = consumer({ maxAttempts: 1000, maxRetryAgeMs: 100 });
      for await (const batch of again.batches(AbortSignal.timeout(10_000))) {
        const { dead } = await batch.settle(() => ({ kind: 'retry', cause: new Error('never'), afterMs: 3_600_000 }));
        if (dead.length > 0) break;
      }
      expect(numbers(await all(deadStream('g')))).toEqual([0]);
    });

    // What a target says of itself, and a schedule of somebody's own, may be any number.
    it.each([Number.NaN, -1, Number.NEGATIVE_INFINITY, 0.4])(
      'that is to come after %d ms comes, counted once, and its neighbours are settled',
      async (afterMs) => {
        await opened().producer.append(IN, events(5));
        const seen = await consume(
          consumer(),
          (got) => got.length === 6,
          ({ event: { json }, attempt }) =>
            json.includes('"id":"2"') && attempt === 1 ? { kind: 'retry', cause: new Error('odd'), afterMs } : ACK,
        );
        expect(numbers(seen)).toEqual([0, 1, 2, 3, 4, 2]);
        expect(seen[5]?.attempt).toBe(2);
      },
    );

    it.each([Number.POSITIVE_INFINITY, 1e300, Number.MAX_SAFE_INTEGER])(
      'that is to come after %d ms is kept, and its neighbours are settled',
      async (afterMs) => {
        await opened().producer.append(IN, events(3));
        const { batch, letGo } = await hold(consumer());
        const { parked, dead, stale } = await batch.settle((_, index) =>
          index === 1 ? { kind: 'retry', cause: new Error('odd'), afterMs } : ACK,
        );
        expect([numbers(parked), dead, stale]).toEqual([[1], [], []]);
        await letGo();
      },
    );

    it('whose schedule gives no number comes all the same', async () => {
      await opened().producer.append(IN, events(1));
      const seen = await consume(
        consumer({ retryDelayMs: () => Number.NaN }),
        (got) => got.length === 2,
        ({ attempt }) => (attempt === 1 ? { kind: 'retry', cause: new Error('odd') } : ACK),
      );
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
    });

    it('waits as long as the outcome says', async () => {
      await opened().producer.append(IN, events(1));
      const began = performance.now();
      await consume(
        consumer({ retryDelayMs: () => 60_000 }),
        (got) => got.length === 2,
        ({ attempt }) => (attempt === 1 ? { kind: 'retry', cause: new Error('busy'), afterMs: 150 } : ACK),
      );
      expect(performance.now() - began).toBeGreaterThanOrEqual(145);
    });
  });

  describe('options that cannot be', () => {
    it.each(['maxBatch', 'claimAfterMs', 'maxAttempts', 'maxRetryAgeMs'] as const)('are refused: %s', (name) => {
      expect(() => consumer({ [name]: Number.NaN })).toThrow(new RegExp(`${name} must be a number`));
    });
  });

  describe('a wait', () => {
    it('comes again, uncounted however often, and holds nobody up', async () => {
      await opened().producer.append(IN, events(3));
      let left = 3;
      const seen = await consume(
        consumer({ maxAttempts: 2 }),
        (got) => got.length === 6,
        ({ event: { json } }) =>
          json.includes('"id":"1"') && left-- > 0 ? { kind: 'wait', cause: new Error('away'), afterMs: 20 } : ACK,
      );
      expect(numbers(seen)).toEqual([0, 1, 2, 1, 1, 1]);
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 1]);
      const [, first, ...others] = seen as [Delivery, Delivery, ...Delivery[]];
      expect(others.at(-1)).toMatchObject({ position: first.position, stream: 'in', event: first.event });
      expect(others.at(-1)?.firstFailedAt).toBeUndefined();
      expect(await all(deadStream('g'))).toEqual([]);
    });

    it('keeps the attempts that were counted', async () => {
      await opened().producer.append(IN, events(1));
      const outcomes = [
        { kind: 'retry', cause: new Error('not yet') },
        { kind: 'wait', cause: new Error('away'), afterMs: 1 },
        ACK,
      ] as const;
      let n = 0;
      const seen = await consume(
        consumer(),
        (got) => got.length === 3,
        () => outcomes[n++] ?? ACK,
      );
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 2]);
      expect(seen[2]?.firstFailedAt).toBe(seen[1]?.firstFailedAt);
    });
  });

  describe('a reject', () => {
    it('is a dead letter at once, and its neighbours go on', async () => {
      await opened().producer.append(IN, events(3));
      const { batch, letGo } = await hold(consumer());
      const settlement = await batch.settle((_, index) =>
        index === 1 ? { kind: 'reject', cause: new TypeError('cannot be') } : ACK,
      );
      expect(numbers(settlement.dead)).toEqual([1]);
      expect(numbers(await all(deadStream('g')))).toEqual([1]);
      await letGo();
    });
  });

  describe('a claim', () => {
    // The one that stalls has a long time-out and so renews rarely; the other claims what is idle for 50 ms.
    const stalled = { claimAfterMs: 60_000 };
    const eager = { claimAfterMs: 50 };

    it('takes over what a stalled consumer holds, counted', async () => {
      await opened().producer.append(IN, events(2));
      const { letGo } = await hold(consumer(stalled));
      const taken = await consume(consumer(eager), (seen) => seen.length === 2);
      expect(taken.map(({ attempt }) => attempt)).toEqual([2, 2]);
      await letGo();
    });

    it('lets the first to settle win: nothing is forwarded twice', async () => {
      await opened().producer.append(IN, events(1));
      const slow = await hold(consumer(stalled));
      const quick = await hold(consumer(eager));
      const forward = ({ event: own }: Delivery) => ({
        kind: 'forward' as const,
        to: [{ to: 'topic:t', event: own }],
      });
      expect((await slow.batch.settle(forward)).stale).toEqual([]);
      expect(numbers((await quick.batch.settle(forward)).stale)).toEqual([0]);
      expect(await all('topic:t')).toHaveLength(1);
      await slow.letGo();
      await quick.letGo();
    });

    it('leaves failures to the owner: a stalled consumer buries and parks nothing', async () => {
      await opened().producer.append(IN, events(2));
      const slow = await hold(consumer(stalled));
      const quick = await hold(consumer(eager));
      const cause = new Error('too late');
      const settlement = await slow.batch.settle((_, index) => ({ kind: index === 0 ? 'reject' : 'retry', cause }));
      expect(numbers(settlement.stale)).toEqual([0, 1]);
      expect(await all(deadStream('g'))).toEqual([]);
      expect((await quick.batch.settle(() => ACK)).stale).toEqual([]);
      await slow.letGo();
      await quick.letGo();
    });

    it('takes nothing from a consumer that is busy and says so', async () => {
      await opened().producer.append(IN, events(1));
      const busy = await hold(consumer({ claimAfterMs: 900 }));
      await opened().producer.append({ name: 'clock', partition: 0 }, events(1));
      // The other consumer looks for claims at least every 450 ms; three retries of its own pass the time.
      const other = await consume(
        consumer({ streams: () => ['in', 'clock'], claimAfterMs: 900, retryDelayMs: () => 700 }),
        (seen) => seen.length === 4,
        () => ({ kind: 'retry', cause: new Error('again') }),
      );
      expect(other.every(({ stream }) => stream === 'clock')).toBe(true);
      expect((await busy.batch.settle(() => ACK)).stale).toEqual([]);
      await busy.letGo();
    });
  });
};
