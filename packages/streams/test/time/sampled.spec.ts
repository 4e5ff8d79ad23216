import { isSampled } from '../../src/redis/settle/trace-log.js';

const event = (id: string) => ({ type: 't', json: `{"specversion":"1.0","id":"${id}","source":"/s","type":"t"}` });

describe('the share of events that is recorded', () => {
  const chosen = (share: number) =>
    Array.from({ length: 10_000 }, (_, n) => event(`01a1${n}`)).filter((one) => isSampled(one, share)).length;

  it('is about what was asked for, and the same events at every hop', () => {
    expect(chosen(0)).toBe(0);
    expect(chosen(1)).toBe(10_000);
    expect(chosen(0.01)).toBeGreaterThan(50);
    expect(chosen(0.01)).toBeLessThan(200);
    expect(chosen(0.5)).toBeGreaterThan(4500);
    expect(chosen(0.5)).toBeLessThan(5500);
    const some = Array.from({ length: 100 }, (_, n) => event(`x${n}`));
    const first = some.map((one) => isSampled(one, 0.3));
    expect(some.map((one) => isSampled({ ...one }, 0.3))).toEqual(first);
  });
});
