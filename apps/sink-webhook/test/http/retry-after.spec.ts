import { parseRetryAfter } from '../../src/http/retry-after.js';

const NOW = Date.parse('1994-11-06T08:49:07Z');

describe('parseRetryAfter', () => {
  it.each([
    ['120', 120_000],
    [' 5 ', 5000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    [['7', '8'], 7000],
  ])('reads %j', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each([
    ['0', 1000],
    ['Sat, 05 Nov 1994 08:49:37 GMT', 1000],
    ['99999999999', 86_400_000],
    ['Tue, 06 Nov 2094 08:49:37 GMT', 86_400_000],
  ])('keeps %j between a second and a day', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each([[undefined], [''], ['-5'], ['1.5'], ['1e3'], ['soon'], ['2026-01-01'], ['Sun, nonsense GMT'], ['Sunny 7']])(
    'finds none in %j',
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBeUndefined();
    },
  );
});
