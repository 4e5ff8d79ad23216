import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Consumer, ConsumerOptions, Delivery, Transport } from '../contract.js';
import { IN, numbered, numberedEvents, numberOf } from './events.js';
import { describeFailures } from './failure-suite.js';
import { describeOrder } from './order-suite.js';
import { describeRetention } from './retention-suite.js';
import { ACK, consume, hold } from './take.js';

/** How the suite gets at a transport. */
export interface TransportHarness {
  /** A transport on an empty store. */
  open(): Promise<Transport>;
  /** Frees what `open` took, beyond `transport.close()`. */
  close?(): Promise<void>;
}

const event = numbered;
const events = numberedEvents;
const numbers = (deliveries: readonly Delivery[]): number[] => deliveries.map(numberOf);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The contract of `Transport`, as tests. Every transport passes them all; what it does not promise is skipped by name. */
export const describeTransport = (name: string, harness: TransportHarness): void => {
  describe(`${name}: the transport contract`, () => {
    let transport: Transport;

    beforeEach(async () => {
      transport = await harness.open();
    });
    afterEach(async () => {
      await transport.close();
      await harness.close?.();
    });

    const consumer = (options: Partial<ConsumerOptions> = {}): Consumer =>
      transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, retryDelayMs: () => 20, ...options });

    const all = (stream: string) => transport.reader.range({ name: stream, partition: 0 }, '-', '+', 10_000);

    describe('append', () => {
      it('keeps the order and tells each position', async () => {
        const results = await transport.producer.append(IN, events(3));
        const stored = await all('in');
        expect(numbers(stored)).toEqual([0, 1, 2]);
        expect(stored.map(({ position }) => position)).toEqual(results.map(({ position }) => position));
        expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
      });

      it('keeps the event as it came, to the letter', async () => {
        const odd = { type: 'a b', json: '{"type":"a b",  "data":"\\u00e9 \u00e9 \u{1F600}\\n"}' };
        await transport.producer.append(IN, [odd]);
        expect((await all('in'))[0]?.event).toEqual(odd);
      });

      it('takes no event, and thousands', async () => {
        expect(await transport.producer.append(IN, [])).toEqual([]);
        await transport.producer.append(IN, events(1234));
        expect(numbers(await all('in'))).toEqual(upTo(1234));
      });

      it('appends a digest once, and answers with the first position', async () => {
        const [first] = await transport.producer.append(IN, events(1), { digests: [['d1']] });
        const again = await transport.producer.append(IN, events(3), { digests: [['d2'], ['d1'], ['d2']] });
        expect(again.map(({ status }) => status)).toEqual(['accepted', 'duplicate', 'duplicate']);
        expect(again[1]?.position).toBe(first?.position);
        expect(again[2]?.position).toBe(again[0]?.position);
        expect(await all('in')).toHaveLength(2);
      });

      it('does not take an event for another one of a different type, and does not append it', async () => {
        const [first] = await transport.producer.append(IN, [{ type: 'a', json: '{"data":{"n":0}}' }], {
          digests: [['d']],
        });
        const both = [
          { type: 'b', json: '{"data":{"n":1}}' },
          { type: 'a', json: '{"data":{"n":2}}' },
          { type: 'c', json: '{"data":{"n":3}}' },
          { type: 'd', json: '{"data":{"n":4}}' },
        ];
        const results = await transport.producer.append(IN, both, { digests: [['d'], ['d'], ['e'], ['e']] });
        expect(results.map(({ status }) => status)).toEqual(['conflict', 'duplicate', 'accepted', 'conflict']);
        expect(results.slice(0, 2).map(({ position }) => position)).toEqual([first?.position, first?.position]);
        expect(results[3]?.position).toBe(results[2]?.position);
        expect(numbers(await all('in'))).toEqual([0, 3]);
      });

      it('knows an event by any of its digests, and partitions by themselves', async () => {
        await transport.producer.append(IN, events(1), { digests: [['id', 'key']] });
        const [byKey] = await transport.producer.append(IN, events(1), { digests: [['other', 'key']] });
        expect(byKey?.status).toBe('duplicate');
        const elsewhere = { name: 'in', partition: 1 };
        const [other] = await transport.producer.append(elsewhere, events(1), { digests: [['id']] });
        expect(other?.status).toBe('accepted');
      });
    });

    describe('a group', () => {
      it('gets what was there before it, and what comes later, in order', async () => {
        await transport.producer.append(IN, events(5));
        const reading = consume(consumer(), (seen) => seen.length === 10);
        await transport.producer.append(IN, events(5, 5));
        expect(numbers(await reading)).toEqual(upTo(10));
      });

      it('gets everything, whatever other groups do', async () => {
        await transport.producer.append(IN, events(4));
        const one = await consume(consumer({ group: 'one' }), (seen) => seen.length === 4);
        const two = await consume(consumer({ group: 'two' }), (seen) => seen.length === 4);
        expect(numbers(one)).toEqual(numbers(two));
      });

      it('shares its streams among its consumers without overlap', async () => {
        await transport.producer.append(IN, events(40));
        const seen: Delivery[] = [];
        const member = async (): Promise<void> => {
          const stop = AbortSignal.timeout(10_000);
          for await (const batch of consumer({ maxBatch: 3 }).batches(stop)) {
            await batch.settle(() => ACK);
            seen.push(...batch.deliveries);
            if (seen.length >= 40) break;
          }
        };
        await Promise.race([member(), member()]);
        expect(numbers(seen).sort((a, b) => a - b)).toEqual(upTo(40));
      });

      it('hands out no more than it was asked for', async () => {
        await transport.producer.append(IN, events(7));
        const { batch, letGo } = await hold(consumer({ maxBatch: 3 }));
        expect(numbers(batch.deliveries)).toEqual([0, 1, 2]);
        await letGo();
      });

      it.each(['none', 'stream', 'key'] as const)('waits for a batch to fill, in order %s', async (order) => {
        await transport.producer.append(IN, events(1));
        const batches = consumer({ order, maxWaitMs: 5000, maxBatch: 3 }).batches(AbortSignal.timeout(10_000));
        const iterator = batches[Symbol.asyncIterator]();
        const first = iterator.next();
        await transport.producer.append(IN, events(1, 1));
        await transport.producer.append(IN, events(1, 2));
        const { value } = await first;
        expect(numbers(value.deliveries)).toEqual([0, 1, 2]);
        await iterator.return?.();
      });

      it('follows its list of streams', async () => {
        const streams = ['in'];
        await transport.producer.append({ name: 'late', partition: 0 }, [event(1)]);
        await transport.producer.append(IN, [event(0)]);
        const seen = await consume(consumer({ streams: () => streams }), (got) => {
          streams.push('late');
          return got.length === 2;
        });
        expect(seen.map(({ stream }) => stream)).toEqual(['in', 'late']);
      });
    });

    describe('settle', () => {
      it('settles some, then the rest, and nothing twice', async () => {
        await transport.producer.append(IN, events(3));
        const { batch, letGo } = await hold(consumer());
        const asked: number[] = [];
        const outcome = (_: Delivery, index: number) => {
          asked.push(index);
          return ACK;
        };
        await batch.settle(outcome, batch.deliveries.slice(1, 2));
        await batch.settle(outcome);
        expect(await batch.settle(outcome)).toEqual({ stale: [], parked: [], dead: [] });
        expect(asked).toEqual([1, 0, 2]);
        await letGo();
      });

      it('settles nothing if the outcome cannot be told', async () => {
        await transport.producer.append(IN, events(2));
        const { batch, letGo } = await hold(consumer());
        const broken = (_: Delivery, index: number) => {
          if (index === 1) throw new Error('no idea');
          return ACK;
        };
        await expect(batch.settle(broken)).rejects.toThrow('no idea');
        await letGo();
        expect(await consume(consumer(), (seen) => seen.length === 2)).toHaveLength(2);
      });

      it('forwards to several streams and acknowledges, as one', async () => {
        await transport.producer.append(IN, events(3));
        const copy = event(99);
        await consume(
          consumer(),
          (seen) => seen.length === 3,
          ({ event: own }) => ({
            kind: 'forward',
            to: [
              { to: 'topic:a', event: own },
              { to: 'topic:b', event: copy },
            ],
          }),
        );
        expect(numbers(await all('topic:a'))).toEqual([0, 1, 2]);
        expect(numbers(await all('topic:b'))).toEqual([99, 99, 99]);
      });

      it('keeps with a copy where it came from, if it is told to', async () => {
        const [first] = await transport.producer.append(IN, events(1));
        const forward = ({ event: own, stream, position }: Delivery) => ({
          kind: 'forward' as const,
          to: [{ to: 'hook:x', event: own, from: { stream, position } }],
        });
        await consume(consumer(), (seen) => seen.length === 1, forward);
        const [copy] = await consume(consumer({ group: 'x', streams: () => ['hook:x'] }), (seen) => seen.length === 1);
        expect(copy).toMatchObject({ stream: 'in', position: first?.position, event: event(0) });
      });

      it('releases uncounted what was not settled', async () => {
        await transport.producer.append(IN, events(2));
        const { batch, letGo } = await hold(consumer());
        await batch.settle(() => ACK, batch.deliveries.slice(0, 1));
        await letGo();
        const [rest] = await consume(consumer(), (seen) => seen.length === 1);
        expect(rest?.attempt).toBe(1);
        expect(numbers([rest as Delivery])).toEqual([1]);
      });
    });

    describeFailures(() => transport);
    describeRetention(() => transport);
    describeOrder(() => transport);

    describe('a reader', () => {
      it('gives a range, inclusive, up to the limit', async () => {
        const results = await transport.producer.append(IN, events(5));
        const at = (n: number) => results[n]?.position as string;
        expect(numbers(await transport.reader.range(IN, at(1), at(3), 10))).toEqual([1, 2, 3]);
        expect(numbers(await transport.reader.range(IN, '-', '+', 2))).toEqual([0, 1]);
        expect(numbers(await transport.reader.range(IN, `(${at(1)}`, '+', 2))).toEqual([2, 3]);
        expect(await transport.reader.range({ name: 'none', partition: 0 }, '-', '+', 2)).toEqual([]);
      });

      it('gives the newest first, and what is before a position', async () => {
        const results = await transport.producer.append(IN, events(5));
        const at = (n: number) => results[n]?.position as string;
        expect(numbers(await transport.reader.newest(IN, '-', '+', 3))).toEqual([4, 3, 2]);
        expect(numbers(await transport.reader.newest(IN, at(1), at(3), 9))).toEqual([3, 2, 1]);
        expect(numbers(await transport.reader.newest(IN, '-', `(${at(3)}`, 2))).toEqual([2, 1]);
      });

      it('tails from a position, and from now', async () => {
        const [first] = await transport.producer.append(IN, events(2));
        const seen: Delivery[] = [];
        const stop = new AbortController();
        const tailing = (async () => {
          for await (const delivery of transport.reader.tail(IN, first?.position as string, stop.signal)) {
            seen.push(delivery);
            if (seen.length === 2) break;
          }
        })();
        await transport.producer.append(IN, events(1, 2));
        await tailing;
        expect(numbers(seen)).toEqual([1, 2]);
      });
    });

    describe('close', () => {
      it('ends the consumers and is no trouble twice', async () => {
        const reading = (async () => {
          for await (const batch of consumer().batches(new AbortController().signal)) await batch.settle(() => ACK);
        })();
        await transport.producer.append(IN, events(3));
        await transport.close();
        await reading;
        await transport.close();
      });

      it('may come while events are appended: each call answers', async () => {
        const appends = upTo(20).map((n) => transport.producer.append(IN, [event(n)]).catch((error: Error) => error));
        await transport.close();
        expect(await Promise.all(appends)).toHaveLength(20);
      });
    });
  });
};
