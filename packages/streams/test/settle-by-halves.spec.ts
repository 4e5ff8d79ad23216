import { Unavailable } from '@millrace/streams';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import type { DecidedEntry } from '../src/entry.js';
import { settleByHalves } from '../src/redis/settle/settle-by-halves.js';
import { hold } from '../src/testing/take.js';
import { deadLettersOf } from './fixtures/dead-letters.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const decided = (n: number): DecidedEntry =>
  ({ entry: { source: 'in', id: `${n}-0`, deliveries: [{}] }, outcomes: [{ kind: 'ack' }] }) as unknown as DecidedEntry;
const isRejected = ({ outcomes: [outcome] }: DecidedEntry): boolean => outcome?.kind === 'reject';
const numberOf = ({ entry }: DecidedEntry): number => Number.parseInt(entry.id, 10);

describe('settling by halves', () => {
  it('settles all that can be, and makes a dead letter of each that cannot', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.uniqueArray(fc.nat(39), { maxLength: 2 }),
        async (count, bad) => {
          const [settled, dead] = [new Set<number>(), new Set<number>()];
          const settle = async (some: readonly DecidedEntry[]): Promise<void> => {
            if (some.some((one) => bad.includes(numberOf(one)) && !isRejected(one))) throw new Error('ERR not a float');
            for (const one of some) (isRejected(one) ? dead : settled).add(numberOf(one));
          };
          await settleByHalves(
            Array.from({ length: count }, (_, n) => decided(n)),
            settle,
          );
          const expected = bad.filter((n) => n < count);
          expect([...dead].sort()).toEqual(expected.sort());
          expect(settled.size).toBe(count - expected.length);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('makes no dead letter of what fails once', async () => {
    const settled: DecidedEntry[] = [];
    let failures = 1;
    const settle = async (some: readonly DecidedEntry[]): Promise<void> => {
      if (failures-- > 0) throw new Error('ERR of a proxy');
      settled.push(...some);
    };
    await settleByHalves([decided(1)], settle);
    expect(settled.map(isRejected)).toEqual([false]);
  });

  it('leaves to the caller what fails for all, after a few tries, and what is the store’s', async () => {
    let tries = 0;
    const failing = async (): Promise<void> => {
      tries += 1;
      throw new Error('WRONGTYPE dead letters');
    };
    await expect(
      settleByHalves(
        Array.from({ length: 500 }, (_, n) => decided(n)),
        failing,
      ),
    ).rejects.toThrow('WRONGTYPE');
    expect(tries).toBeLessThan(20);
    const away = settleByHalves([decided(1), decided(2)], () => Promise.reject(new Unavailable('away')));
    await expect(away).rejects.toThrow(Unavailable);
  });
});

describeOnRealRedis('a settlement that cannot be written', () => {
  let transport: FreshRedis['transport'];
  let redis: FreshRedis['redis'];
  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });

  // Protected by `settleByHalves`: the whole batch failed, and came again at each claim.
  it('is one dead letter that says why, and its neighbours land once', async () => {
    const stream = { name: 'in', partition: 0 };
    await transport.producer.append(
      stream,
      Array.from({ length: 9 }, (_, n) => ({ type: 't', json: `{"id":"${n}"}` })),
    );
    const { batch, letGo } = await hold(transport.consumer({ group: 'g', streams: () => ['in'], partition: 0 }));
    const forward = (event: { type: string; json: string }) =>
      ({ kind: 'forward', to: [{ to: 'topic:t', event }] }) as const;
    const odd = {
      get message(): string {
        throw new TypeError('no message');
      },
    };
    const { dead } = await batch.settle(({ event }, n) =>
      n === 4 ? { kind: 'retry', cause: odd as unknown as Error } : forward(event),
    );
    await letGo();
    expect(dead).toHaveLength(1);
    const copies = await transport.reader.range({ name: 'topic:t', partition: 0 }, '-', '+', 100);
    expect(copies.map(({ event: { json } }) => json)).toEqual([0, 1, 2, 3, 5, 6, 7, 8].map((n) => `{"id":"${n}"}`));
    const [letter] = await deadLettersOf(redis);
    expect(letter).toMatchObject({ event: '{"id":"4"}', message: 'cannot be settled: no message' });
    await waitFor(async () => (await transport.streams.backlog(stream, 'g')) === 0, { what: 'nothing left' });
  });
});
