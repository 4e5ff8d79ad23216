import { ago, bytes, clock, compact, duration, percent, rate, sample } from '../../web/src/ui/format.js';

describe('numbers as the page writes them', () => {
  it.each([
    [undefined, '–'],
    [0, '0/s'],
    [0.04, '<0.1/s'],
    [3.27, '3.3/s'],
    [1234.4, '1,234/s'],
    [54_321, '54.3K/s'],
  ])('a rate of %p is %s', (value, shown) => expect(rate(value)).toBe(shown));

  it.each([
    [null, '–'],
    [9999, '9,999'],
    [12_345, '12.3K'],
    [2_500_000, '2.5M'],
  ])('an amount of %p is %s', (value, shown) => expect(compact(value)).toBe(shown));

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KB'],
    [15_606_800, '14.9 MB'],
    [209_715_200, '200 MB'],
  ])('%p bytes are %s', (value, shown) => expect(bytes(value)).toBe(shown));

  it.each([
    [350, '350 ms'],
    [12_400, '12 s'],
    [250_000, '4 min 10 s'],
    [3_600_000, '1 h'],
    [183_600_000, '2 d 3 h'],
  ])('%p ms are %s', (value, shown) => expect(duration(value)).toBe(shown));

  it.each([
    [0, '0 %'],
    [0.001, '<1 %'],
    [0.5, '50 %'],
    [0.999, '>99 %'],
    [1, '100 %'],
  ])('a share of %p is %s', (value, shown) => expect(percent(value)).toBe(shown));

  it('keeps the digits of a sample that matter', () => {
    expect([0.123456, 12.345, 98_765.4].map(sample)).toEqual(['0.123', '12.3', '98,765']);
  });

  it('says how long ago something was, and when it will be', () => {
    const now = 1_700_000_000_000;
    expect([now, now - 12_000, now - 200_000, now + 65_000].map((at) => ago(at, now))).toEqual([
      'now',
      '12 s ago',
      '3 min ago',
      'in 1 min',
    ]);
  });

  it('leaves out the date of today alone', () => {
    const noon = new Date(2026, 10, 21, 12, 3, 4, 56).getTime();
    expect(clock(noon, noon + 1000)).toBe('12:03:04.056');
    expect(clock(noon, noon + 86_400_000)).toBe('2026-11-21 12:03:04');
  });
});
