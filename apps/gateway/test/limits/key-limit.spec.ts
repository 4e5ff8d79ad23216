import type { Taken } from '@millrace/streams/redis';
import { KeyLimit } from '../../src/rate-limits/key-limit.js';

let now: number;
let asked: [needed: number, welcome: number][];

/** The limit of a key over a bucket that gives so much. */
const limitOver = (tokens: number, events = 1000): KeyLimit => {
  let left = tokens;
  const take = async (needed: number, welcome: number): Promise<Taken> => {
    asked.push([needed, welcome]);
    if (left < needed) return { ok: false, waitMs: 1000, left };
    const more = Math.min(welcome, left - needed);
    left -= needed + more;
    return { ok: true, more, left };
  };
  return new KeyLimit({ events, windowMs: 1000 }, take, () => now);
};

beforeEach(() => {
  now = 1000;
  asked = [];
});

describe('the limit of a key', () => {
  it('asks once for what comes within a tenth of a second', async () => {
    const limit = limitOver(1000);
    for (let i = 0; i < 101; i += 1) expect((await limit.take(1)).waitMs).toBe(0);
    expect(asked).toEqual([[1, 100]]);
    await limit.take(1);
    expect(asked).toHaveLength(2);
  });

  it('asks once for many requests at the same time', async () => {
    const limit = limitOver(1000);
    const standings = await Promise.all(Array.from({ length: 50 }, () => limit.take(2)));
    expect(standings.every(({ waitMs }) => waitMs === 0)).toBe(true);
    expect(asked).toEqual([[2, 100]]);
  });

  it('gives up what it did not use', async () => {
    const limit = limitOver(1000);
    await limit.take(1);
    now += 100;
    await limit.take(1);
    expect(asked).toEqual([
      [1, 100],
      [1, 100],
    ]);
  });

  it('asks each time where the limit is a low one', async () => {
    const limit = limitOver(5, 5);
    await limit.take(1);
    await limit.take(1);
    expect(asked).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('does not ask again for what it knows to be too much', async () => {
    const limit = limitOver(0);
    expect(await limit.take(5)).toEqual({ remaining: 0, waitMs: 1000 });
    now += 400;
    expect(await limit.take(5)).toEqual({ remaining: 0, waitMs: 600 });
    expect(asked).toHaveLength(1);
    await limit.take(4);
    now += 1000;
    await limit.take(5);
    expect(asked).toHaveLength(3);
  });

  it('fails those that wait with the one that asked, and the next ones at once, for 200 ms', async () => {
    const away = new Error('away');
    let failing = true;
    const take = async (needed: number, welcome: number): Promise<Taken> => {
      asked.push([needed, welcome]);
      if (failing) throw away;
      return { ok: true, more: welcome, left: 0 };
    };
    const limit = new KeyLimit({ events: 1000, windowMs: 1000 }, take, () => now);
    const settled = await Promise.allSettled(Array.from({ length: 50 }, () => limit.take(1)));
    expect(settled.every((one) => one.status === 'rejected' && one.reason === away)).toBe(true);
    now += 199;
    await expect(limit.take(1)).rejects.toBe(away);
    expect(asked).toHaveLength(1);
    failing = false;
    now += 1;
    expect((await limit.take(1)).waitMs).toBe(0);
    expect(asked).toHaveLength(2);
  });
});
