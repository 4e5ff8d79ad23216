import { scheduleOf } from '../src/faults/schedule.js';
import { NumberedEvents } from '../src/load/numbered-event.js';
import { parseOptions } from '../src/options.js';

const TEN_MINUTES = 600_000;

describe('the schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(scheduleOf(7, TEN_MINUTES)).toEqual(scheduleOf(7, TEN_MINUTES));
    expect(scheduleOf(7, TEN_MINUTES)).not.toEqual(scheduleOf(8, TEN_MINUTES));
  });

  it('has more than thirty faults in ten minutes, and every kind, whatever the seed', () => {
    for (let seed = 0; seed < 50; seed++) {
      const faults = scheduleOf(seed, TEN_MINUTES);
      expect(faults.length).toBeGreaterThan(100);
      const kinds = new Set(faults.map(({ fault }) => fault.kind));
      expect([...kinds].sort()).toEqual([
        'clock',
        'cut',
        'fail',
        'fill',
        'intrude',
        'kill',
        'pause',
        'restart',
        'slow',
        'stall',
        'terminate',
      ]);
      expect(faults.every(({ atMs }, i) => i === 0 || atMs > (faults[i - 1]?.atMs ?? 0))).toBe(true);
    }
  });
});

describe('the events', () => {
  it('are the same for the same seed, and poisoned ones come early', () => {
    const take = (seed: number) => {
      const events = new NumberedEvents(seed);
      return Array.from({ length: 1500 }, () => events.next());
    };
    expect(take(3)).toEqual(take(3));
    const kinds = new Set(take(3).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'deadly',
      'forbidden',
      'large',
      'order',
      'reading',
      'slow',
      'unreadable',
      'unstorable',
    ]);
  });
});

describe('the options', () => {
  it('have defaults, and a seed of their own', () => {
    expect(parseOptions([])).toMatchObject({ minutes: 2, json: undefined, help: false });
    expect(parseOptions(['--minutes', '0.5', '--seed', '7'])).toMatchObject({ minutes: 0.5, seed: 7 });
  });

  it.each([
    [['--minutes', 'ten'], /--minutes must be a number from 0.1 to 1440, got "ten"/],
    [['--seed', '-1'], /--seed/],
    [['--speed', '7'], /speed/],
  ])('%j are refused', (args, why) => {
    expect(() => parseOptions(args)).toThrow(why);
  });
});
