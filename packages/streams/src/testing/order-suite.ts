import { describe, expect, it } from '@jest/globals';
import type { ConsumerOptions, Delivery, Outcome, Transport } from '../contract.js';
import { deadStream } from '../names.js';
import { IN, numbered, numberedEvents, numberOf } from './events.js';
import { ACK, consume, hold } from './take.js';

const RETRY: Outcome = { kind: 'retry', cause: new Error('not yet') };

/** The part of the contract that keeps an order. */
export const describeOrder = (opened: () => Transport): void => {
  const consumer = (options: Partial<ConsumerOptions>) =>
    opened().consumer({
      group: 'g',
      streams: () => ['in'],
      partition: 0,
      claimAfterMs: 300,
      retryDelayMs: () => 20,
      ...options,
    });
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  describe('a partition in order', () => {
    it('is read by one at a time, whose successor begins with what it left', async () => {
      await opened().producer.append(IN, numberedEvents(6));
      const first = await hold(consumer({ order: 'stream', maxBatch: 3 }));
      const second = consume(consumer({ order: 'stream' }), (seen) => seen.length === 5);
      await first.batch.settle(() => ACK, first.batch.deliveries.slice(0, 1));
      await first.letGo();
      expect((await second).map(numberOf)).toEqual([1, 2, 3, 4, 5]);
    });

    it('releases uncounted', async () => {
      await opened().producer.append(IN, numberedEvents(3));
      const first = await hold(consumer({ order: 'stream' }));
      await first.letGo();
      const seen = await consume(consumer({ order: 'stream' }), (all) => all.length === 3);
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    });
  });

  describe('a partition key in order', () => {
    const keyed = (keys: string) => [...keys].map((key, n) => numbered(n, key));

    it('holds at most one event of a key in a batch, and loses none', async () => {
      await opened().producer.append(IN, keyed('aababc'));
      const batches: number[][] = [];
      for await (const batch of consumer({ order: 'key' }).batches(AbortSignal.timeout(10_000))) {
        batches.push(batch.deliveries.map(numberOf));
        await batch.settle(() => ACK);
        if (batches.flat().length === 6) break;
      }
      expect(batches[0]?.toSorted()).toEqual([0, 2, 5]);
      expect(batches.flat().filter((n) => [0, 1, 3].includes(n))).toEqual([0, 1, 3]);
      expect(batches.flat().filter((n) => [2, 4].includes(n))).toEqual([2, 4]);
    });

    // Protected by the lines of `OrderedQueue`: with one line for each entry, 1 and 4 come before 0 succeeds.
    it('waits for a retry, and no other key does', async () => {
      await opened().producer.append(IN, keyed('abaca'));
      const settled: number[] = [];
      await consume(
        consumer({ order: 'key', retryDelayMs: () => 60 }),
        () => settled.length === 5,
        (delivery) => {
          if (numberOf(delivery) === 0 && delivery.attempt < 3) return RETRY;
          settled.push(numberOf(delivery));
          return ACK;
        },
      );
      expect(settled.filter((n) => [0, 2, 4].includes(n))).toEqual([0, 2, 4]);
      expect(settled.slice(0, 2).toSorted()).toEqual([1, 3]);
    });

    it('waits for what is away, uncounted, and no other key does', async () => {
      await opened().producer.append(IN, keyed('abaca'));
      const settled: number[] = [];
      let left = 3;
      const seen = await consume(
        consumer({ order: 'key', maxAttempts: 2 }),
        () => settled.length === 5,
        (delivery) => {
          if (numberOf(delivery) === 0 && left-- > 0) return { kind: 'wait', cause: new Error('away'), afterMs: 20 };
          settled.push(numberOf(delivery));
          return ACK;
        },
      );
      expect(settled.filter((n) => [0, 2, 4].includes(n))).toEqual([0, 2, 4]);
      expect(settled.slice(0, 2).toSorted()).toEqual([1, 3]);
      expect(seen.map(({ attempt }) => attempt)).toEqual(seen.map(() => 1));
    });

    it('goes on behind a dead letter', async () => {
      await opened().producer.append(IN, keyed('aaa'));
      const seen = await consume(
        consumer({ order: 'key', maxAttempts: 2 }),
        (all) => all.length === 4,
        (delivery) => (numberOf(delivery) === 0 ? RETRY : ACK),
      );
      expect(seen.map(numberOf)).toEqual([0, 0, 1, 2]);
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 1, 1]);
      const dead = await opened().reader.range({ name: deadStream('g'), partition: 0 }, '-', '+', 10);
      expect(dead.map(numberOf)).toEqual([0]);
    });

    it('is kept by the next consumer, which knows the attempts', async () => {
      await opened().producer.append(IN, keyed('aab'));
      const first: Delivery[] = [];
      const stop = new AbortController();
      for await (const batch of consumer({ order: 'key', retryDelayMs: () => 60_000 }).batches(stop.signal)) {
        first.push(...batch.deliveries);
        await batch.settle((delivery) => (numberOf(delivery) === 0 ? RETRY : ACK));
        if (first.length === 2) break; // 0 waits for its retry and 1 behind it.
      }
      const seen = await consume(consumer({ order: 'key' }), (all) => all.length === 2);
      expect(seen.map(numberOf)).toEqual([0, 1]);
      expect(seen.map(({ attempt }) => attempt)).toEqual([2, 1]);
    });

    it('takes hundreds of one key', async () => {
      await opened().producer.append(
        IN,
        upTo(200).map((n) => numbered(n, 'a')),
      );
      const seen = await consume(consumer({ order: 'key' }), (all) => all.length === 200);
      expect(seen.map(numberOf)).toEqual(upTo(200));
    });
  });
};
