import { Pacer } from '../../src/redis/consume/pacer.js';

/** Reads `perMs` events each `everyMs` for a second; gives what the next read would wait, right after the last. */
const delayAt = (perMs: number, everyMs: number, limit = 500): number => {
  const pacer = new Pacer();
  for (let now = 0; now <= 1000; now += everyMs) pacer.read(perMs * everyMs, now);
  return pacer.delayMs(limit, 1000);
};

describe('the pacer', () => {
  it.each([
    ['puts nothing off without a load', 2, 1, 500, 0],
    ['lets a hundred gather', 25, 1, 500, 4],
    ['waits no longer than five milliseconds', 8, 1, 500, 5],
    ['waits for no more than a batch may have', 25, 1, 50, 2],
    ['does not wait where they came by themselves', 50, 10, 500, 2],
  ])('%s', (_, perMs, everyMs, limit, delay) => {
    expect(delayAt(perMs, everyMs, limit)).toBeCloseTo(delay, 0);
  });

  it('counts the time since the last read, and forgets a load', () => {
    const pacer = new Pacer();
    for (let now = 0; now <= 1000; now += 1) pacer.read(25, now);
    expect(pacer.delayMs(500, 1003)).toBe(1);
    expect(pacer.delayMs(500, 1010)).toBe(0);
    pacer.read(1, 3000);
    expect(pacer.delayMs(500, 3000)).toBe(0);
  });
});
