import { describe, expect, it } from '@jest/globals';
import type { Retention, Transport } from '../contract.js';
import { IN, numberedEvents, numberOf } from './events.js';
import { consume, hold } from './take.js';

const NO_BOUND: Retention = { maxLength: 0, maxAgeMs: 0 };

/** The part of the contract that shortens streams. */
export const describeRetention = (opened: () => Transport): void => {
  describe('trim', () => {
    const consumer = (options: object = {}) =>
      opened().consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });
    const trim = async (retention: Partial<Retention>, groups: readonly string[] = [], force = false) => {
      const request = { stream: IN, retention: { ...NO_BOUND, ...retention }, groups, force };
      const [result] = await opened().trimmer.trim([request]);
      return result;
    };
    const stored = async () => (await opened().reader.range(IN, '-', '+', 10_000)).map(numberOf);

    it('keeps the newest, up to the length', async () => {
      await opened().producer.append(IN, numberedEvents(1234));
      expect(await trim({ maxLength: 3 })).toEqual({ stream: IN, trimmed: 1231, losses: [] });
      expect(await stored()).toEqual([1231, 1232, 1233]);
      expect(await trim({ maxLength: 3 })).toMatchObject({ trimmed: 0 });
    });

    it('drops what is too old, and nothing without a bound', async () => {
      await opened().producer.append(IN, numberedEvents(5));
      expect(await trim({})).toMatchObject({ trimmed: 0 });
      expect(await trim({ maxAgeMs: 3_600_000 })).toMatchObject({ trimmed: 0 });
      while ((await stored()).length > 0) await trim({ maxAgeMs: 1 });
    });

    it('takes a stream that is not there', async () => {
      expect(await trim({ maxLength: 1 }, ['g'])).toMatchObject({ trimmed: 0 });
    });

    // Protected by the floors in `trim`: without them the group loses 0 to 3.
    it('never goes past what a group has in hand', async () => {
      await opened().producer.append(IN, numberedEvents(10));
      const { batch, letGo } = await hold(consumer({ maxBatch: 6 }));
      await batch.settle(() => ({ kind: 'ack' }), batch.deliveries.slice(0, 2));
      expect(await trim({ maxLength: 1 }, ['g'])).toMatchObject({ trimmed: 2, losses: [] });
      expect(await stored()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
      await batch.settle(() => ({ kind: 'ack' }));
      expect(await trim({ maxLength: 1 }, ['g'])).toMatchObject({ trimmed: 4 });
      expect(await stored()).toEqual([6, 7, 8, 9]);
      await letGo();
    });

    it('makes a group that is missing, which then gets everything', async () => {
      await opened().producer.append(IN, numberedEvents(4));
      expect(await trim({ maxLength: 1 }, ['late'])).toMatchObject({ trimmed: 0 });
      const seen = await consume(consumer({ group: 'late' }), (all) => all.length === 4);
      expect(seen.map(numberOf)).toEqual([0, 1, 2, 3]);
    });

    it('goes past what a group owns that is gone, and no other', async () => {
      await opened().producer.append(IN, numberedEvents(10));
      await consume(consumer({ maxBatch: 6 }), (all) => all.length === 6);
      await consume(consumer({ group: 'old', maxBatch: 2 }), (all) => all.length === 2);
      const request = { stream: IN, retention: { ...NO_BOUND, maxLength: 1 }, groups: ['old', 'g'], gone: ['old'] };
      const [result] = await opened().trimmer.trim([request]);
      expect(result).toMatchObject({ trimmed: 6, losses: [{ group: 'old', count: 4 }] });
      expect(await stored()).toEqual([6, 7, 8, 9]);
    });

    it('says what a group lost where it is forced', async () => {
      const ids = (await opened().producer.append(IN, numberedEvents(10))).map(({ position }) => position);
      await consume(consumer({ maxBatch: 2 }), (all) => all.length === 2);
      const result = await trim({ maxLength: 3 }, ['g'], true);
      expect(result).toMatchObject({ trimmed: 7 });
      expect(result?.losses).toEqual([{ group: 'g', from: ids[2], to: ids[6], count: 5 }]);
      expect(await stored()).toEqual([7, 8, 9]);
    });
  });
};
