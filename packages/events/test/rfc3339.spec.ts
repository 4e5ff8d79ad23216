import { isTimestamp, timestampMs } from '@millrace/events';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';

const two = (n: number): string => String(n).padStart(2, '0');
const upTo = (max: number) => fc.integer({ min: 0, max }).map(two);
const text = fc
  .tuple(
    ...[fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')), upTo(13), upTo(32)],
    ...[fc.constantFrom('T', 't', ' '), upTo(25), upTo(61), upTo(61)],
    fc.oneof(
      fc.constant(''),
      fc.integer({ min: 0, max: 1_000_000_000 }).map((n) => `.${n}`),
    ),
    fc.oneof(
      fc.constantFrom('Z', 'z'),
      fc.tuple(fc.constantFrom('+', '-'), upTo(25), upTo(61)).map(([s, h, m]) => `${s}${h}:${m}`),
    ),
  )
  .map(([y, mo, d, t, h, mi, s, f, z]) => `${y}-${mo}-${d}${t}${h}:${mi}:${s}${f}${z}`);

/** Which instant it is, by Date alone; undefined where a part is not in the calendar. */
const expected = (written: string): number | undefined => {
  const [, date, h, mi, s, f = '', z] = /^(.{10}).(..):(..):(..)(\.\d+)?(.*)$/.exec(written) as unknown as string[];
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return undefined;
  const [, sign, zh, zm] = /^([+-])(..):(..)$/.exec(z as string) ?? ['', '+', '0', '0'];
  if (Number(h) > 23 || Number(mi) > 59 || Number(s) > 60 || Number(zh) > 23 || Number(zm) > 59) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (Number(zh) * 60 + Number(zm));
  return (
    midnight + (Number(h) * 60 + Number(mi) - offset) * 60_000 + Number(s) * 1000 + Number(f.slice(1, 4).padEnd(3, '0'))
  );
};

describe('an RFC 3339 time', () => {
  it('is read as the calendar has it, and refused where it does not', () => {
    fc.assert(
      fc.property(text, (written) => {
        expect(timestampMs(written)).toBe(expected(written));
        expect(isTimestamp(written)).toBe(written[10] !== ' ' && expected(written) !== undefined);
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  it.each([
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2026-01-01T00:30:00.1239+01:00', '2025-12-31T23:30:00.123Z'],
    ['2024-02-29 12:00:00Z', '2024-02-29T12:00:00.000Z'],
  ])('%s is %s', (written, instant) => {
    expect(new Date(timestampMs(written) ?? 0).toISOString()).toBe(instant);
  });

  it.each(['2026-02-30T00:00:00Z', '2025-02-29T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00', 'now', ''])(
    '%j is none',
    (written) => expect(timestampMs(written)).toBeUndefined(),
  );
});
