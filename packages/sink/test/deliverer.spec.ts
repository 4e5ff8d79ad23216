import { batchHandler, Health, Metrics } from '@millrace/host';
import {
  type Batch,
  type Delivery,
  type Outcome,
  PermanentError,
  type Settlement,
  TransientError,
  Unavailable,
} from '@millrace/streams';
import { Type } from 'class-transformer';
import { IsNumber, IsString, ValidateNested } from 'class-validator';
import { Deliverer, type DelivererOptions } from '../src/deliverer.js';
import type { Sink, SinkEvent } from '../src/sink.js';

const NOTHING: Settlement = { stale: [], parked: [], dead: [] };

/** Deliveries of a batch with these `data`, and what became of each. */
const deliver = async (
  sink: Sink,
  data: readonly unknown[],
  options: Partial<DelivererOptions> = {},
): Promise<string[]> => {
  const deliveries = data.map((one, n): Delivery => {
    const event = { specversion: '1.0', id: String(n), source: '/s', type: 't', data: one };
    const json = typeof one === 'string' ? one : JSON.stringify(event);
    return { event: { type: 't', json }, attempt: 1, position: `1-${n}`, stream: 'topic:orders', partition: 0 };
  });
  const outcomes: Outcome[] = [];
  const batch: Batch = {
    deliveries,
    settle: async (outcomeOf) => {
      outcomes.push(...deliveries.map((delivery, n) => outcomeOf(delivery, n)));
      return NOTHING;
    },
  };
  const all = { hop: 'sink-test', graceMs: 1000, ...options };
  const { take } = new Deliverer(sink, all, new Health(), new Metrics());
  await batchHandler(take, [])(batch);
  return outcomes.map((outcome) => ('cause' in outcome ? `${outcome.kind}: ${outcome.cause.message}` : outcome.kind));
};

const numberOf = ({ event }: SinkEvent): number => (event.data as { n: number }).n;
const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

describe('Deliverer', () => {
  it('acknowledges what a sink does not name, and settles the rest by its error', async () => {
    const failures = [
      { index: 1, error: new PermanentError('never') },
      { index: 2, error: new TransientError('not yet') },
    ];
    const sink = { write: async () => failures };
    expect(await deliver(sink, numbered(4))).toEqual(['ack', 'reject: never', 'retry: not yet', 'ack']);
  });

  it('keeps from the sink what is no CloudEvent, and means by an index the event that the sink was given', async () => {
    const sink = { write: async () => [{ index: 1, error: new Error('the second') }] };
    expect(await deliver(sink, ['{', { n: 1 }, '{"type":1}', { n: 2 }])).toEqual([
      expect.stringMatching(/^reject: /),
      'ack',
      expect.stringMatching(/^reject: /),
      'retry: the second',
    ]);
  });

  it.each([
    ['any error', new Error('broken'), 'retry: broken'],
    ['a PermanentError', new PermanentError('never'), 'reject: never'],
    ['what is no error', 'nonsense', 'retry: nonsense'],
  ])('takes %s that a write throws as that of all of the batch', async (_, thrown, outcome) => {
    const sink: Sink = { write: () => Promise.reject(thrown) };
    expect(await deliver(sink, numbered(2))).toEqual([outcome, outcome]);
  });

  it('settles nothing where the target is away', async () => {
    const sink: Sink = { write: () => Promise.reject(new Unavailable('away')) };
    await expect(deliver(sink, numbered(2))).rejects.toThrow(Unavailable);
  });

  it('has wait what a sink says is away, uncounted, and settles its neighbours', async () => {
    const sink = { write: async () => [{ index: 1, error: new Unavailable('no such table') }] };
    expect(await deliver(sink, numbered(3))).toEqual(['ack', 'wait: no such table', 'ack']);
  });

  it('says which event a sink names that there is not, and tries the batch again', async () => {
    const sink = { write: async () => [{ index: 2, error: new Error('x') }] };
    const outcome = 'retry: the sink names the event 2 of 2 as failed';
    expect(await deliver(sink, numbered(2))).toEqual([outcome, outcome]);
  });

  describe('with parts at once', () => {
    it('writes as many as it was told to, and finds the failures of each', async () => {
      const sizes: number[] = [];
      const sink: Sink = {
        write: async (events) => {
          sizes.push(events.length);
          return events.flatMap((event, index) =>
            numberOf(event) % 4 === 0 ? [{ index, error: new Error('x') }] : [],
          );
        },
      };
      const outcomes = await deliver(sink, numbered(10), { concurrency: 3 });
      expect(sizes).toEqual([4, 4, 2]);
      expect(outcomes).toEqual(numbered(10).map(({ n }) => (n % 4 === 0 ? 'retry: x' : 'ack')));
    });

    it('tries only the part again that failed', async () => {
      const sink: Sink = {
        write: async ([first]) => {
          if (numberOf(first as SinkEvent) === 0) throw new Error('broken');
        },
      };
      const outcomes = await deliver(sink, numbered(4), { concurrency: 2 });
      expect(outcomes).toEqual(['retry: broken', 'retry: broken', 'ack', 'ack']);
    });

    it('has nothing under way when it says that the target is away', async () => {
      let underWay = 0;
      const sink: Sink = {
        write: async ([first]) => {
          if (numberOf(first as SinkEvent) === 0) throw new Unavailable('away');
          underWay += 1;
          await new Promise(setImmediate);
          underWay -= 1;
        },
      };
      await expect(deliver(sink, numbered(4), { concurrency: 2 })).rejects.toThrow('away');
      expect(underWay).toBe(0);
    });
  });

  describe('with a class of data', () => {
    class Money {
      @IsNumber() amount!: number;
    }
    class Payment {
      @IsString() currency!: string;
      @ValidateNested() @Type(() => Money) money!: Money;
    }

    it('gives the sink instances, and dead-letters what is none, saying where', async () => {
      const seen: unknown[] = [];
      const sink: Sink<Payment> = {
        write: async (events) => {
          seen.push(...events.map(({ data }) => data));
        },
      };
      const outcomes = await deliver(
        sink as Sink,
        [
          { currency: 'EUR', money: { amount: 1 } },
          { currency: 'EUR', money: { amount: 'a lot' } },
          { money: {} },
          [1],
        ],
        { data: Payment },
      );
      expect(outcomes).toEqual([
        'ack',
        expect.stringMatching(/^reject: data\.money\.amount: .*; got "a lot"$/),
        expect.stringMatching(/^reject: data\.currency: .*; got nothing$/),
        'reject: data is no object',
      ]);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBeInstanceOf(Payment);
    });
  });
});
