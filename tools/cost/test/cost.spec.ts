import { Random } from '@millrace/testkit';
import { parseOptions } from '../src/options.js';
import { COSTLY } from '../src/requests.js';

describe('the costly requests', () => {
  it('are the same for the same seed, and of sizes that a service takes', () => {
    for (const costly of COSTLY) {
      for (const size of [0.001, 1]) {
        const made = costly.make(size, new Random(7));
        expect(costly.make(size, new Random(7))).toEqual(made);
        expect([costly.name, (made.body?.length ?? 0) <= 5 * 1024 * 1024]).toEqual([costly.name, true]);
      }
    }
  });

  it('are of each class, and have names of their own', () => {
    expect(new Set(COSTLY.map(({ key }) => key))).toEqual(new Set(['publish', 'read', undefined]));
    expect(new Set(COSTLY.map(({ name }) => name)).size).toBe(COSTLY.length);
  });
});

describe('the options', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toMatchObject({ minutes: 0, heap: 256, help: false });
  });

  it.each([
    [['--minutes', 'ten'], /--minutes must be a number from 0 to 1440, got "ten"/],
    [['--heap', '1'], /--heap must be .*, got "1"/],
  ])('%j are refused', (args, why) => {
    expect(() => parseOptions(args)).toThrow(why);
  });
});
