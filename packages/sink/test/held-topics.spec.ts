import { jest } from '@jest/globals';
import { Health } from '@millrace/host';
import { HeldTopics } from '../src/held-topics.js';

describe('HeldTopics', () => {
  const start = () => {
    const health = new Health();
    const clock = { now: 0 };
    return { health, clock, held: new HeldTopics(health, undefined, () => clock.now) };
  };

  it('waits longer with each failure, and takes those of one time for one', () => {
    const { clock, held } = start();
    expect([held.hold('orders', 'no table'), held.hold('orders', 'no table')]).toEqual([1000, 1000]);
    clock.now = 400;
    expect(held.hold('orders', 'no table')).toBe(600);
    const waits = [1, 2, 3, 4, 5, 6, 7].map(() => {
      clock.now += 70_000;
      return held.hold('orders', 'no table');
    });
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('holds the topic until after the next try, and no other', () => {
    const { clock, held } = start();
    held.hold('orders', 'no table');
    clock.now = 2000;
    expect([held.has('orders'), held.has('audit')]).toEqual([true, false]);
    clock.now = 2600;
    expect(held.has('orders')).toBe(false);
  });

  it('says so in the readiness until something arrives', () => {
    const { health, held } = start();
    held.hold('orders', 'no table');
    expect([health.ready, health.report()]).toEqual([false, { 'topic orders': 'down: no table' }]);
    held.release('orders');
    expect([health.ready, held.has('orders')]).toEqual([true, false]);
  });

  // Of two processes the one that held the topic may never see it again: the other one delivers what waited.
  it('is ready again where nothing of the topic is tried here any more', () => {
    jest.useFakeTimers();
    try {
      const health = new Health();
      const held = new HeldTopics(health, undefined);
      held.hold('orders', 'no table');
      jest.advanceTimersByTime(30_000);
      expect(health.ready).toBe(false);
      held.hold('orders', 'no table');
      jest.advanceTimersByTime(60_000);
      expect(health.ready).toBe(false);
      jest.advanceTimersByTime(10_000);
      expect([health.ready, jest.getTimerCount()]).toEqual([true, 0]);
    } finally {
      jest.useRealTimers();
    }
  });
});
