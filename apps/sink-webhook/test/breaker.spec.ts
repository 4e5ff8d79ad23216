import { Breaker } from '../src/delivery/breaker.js';
import { Rate } from '../src/delivery/rate.js';

describe('a breaker', () => {
  const breaker = () => new Breaker({ after: 3, firstMs: 100, longestMs: 350 });

  it('opens after so many failures in a row, and a success begins anew', () => {
    const one = breaker();
    expect([one.failed(0), one.failed(0)]).toEqual([false, false]);
    one.succeeded();
    expect([one.failed(0), one.failed(0), one.failed(0)]).toEqual([false, false, true]);
    expect(one.openForMs(0)).toBe(100);
    expect(one.openForMs(100)).toBe(0);
  });

  it('opens again at once where the request that tries it fails, for longer each time', () => {
    const one = breaker();
    for (let n = 0; n < 3; n += 1) one.failed(0);
    expect(one.failed(50)).toBe(false);
    expect(one.failed(100)).toBe(true);
    expect(one.openForMs(100)).toBe(200);
    expect(one.failed(300)).toBe(true);
    expect(one.openForMs(300)).toBe(350);
    one.succeeded();
    expect(one.openForMs(301)).toBe(0);
    expect(one.failed(302)).toBe(false);
  });

  it('rests as long as it was asked to', () => {
    const one = breaker();
    one.rest(0, 5000);
    expect(one.openForMs(1000)).toBe(4000);
  });

  it('rests that long whatever comes of what was sent before', () => {
    const one = breaker();
    one.rest(0, 5000);
    one.succeeded();
    expect(one.openForMs(1000)).toBe(4000);
  });
});

describe('a rate', () => {
  it('spreads requests over the second, and does not save up', () => {
    const rate = new Rate(10);
    expect([rate.take(0), rate.take(0), rate.take(50)]).toEqual([0, 100, 150]);
    expect([rate.take(1000), rate.take(1000)]).toEqual([0, 100]);
    expect(new Rate(undefined).take(5)).toBe(0);
  });
});
