import { bytesOf, pointOf, spanOf } from '../src/input/times.js';
import { tableOf } from '../src/output/table.js';
import { clean, jsonOf, Line, line, paint } from '../src/output/text.js';

const ESC = '\u001b';
/** What somebody may put in an event to have a terminal do it: colours, titles, the clipboard, cursors, other directions. */
const HOSTILE = [
  `${ESC}[31mred${ESC}[0m`,
  `${ESC}]0;title\u0007`,
  `${ESC}]52;c;ZXZpbA==\u0007`,
  '\u009b2J',
  '\u009d0;title\u009c',
  `${ESC}P1$r0m${ESC}\\`,
  'over\rwritten',
  'two\nlines',
  'back\b\bspace',
  '\u202eturned\u2066',
  'in\u200bvisible',
  'tag\u{e0041}',
  'next\u0085line\u2028and\u2029paragraph',
  '\u0000\u007f',
];
/** Nothing that a terminal acts on. Ends of lines of our own are taken away before. */
const SAFE = /^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*$/u;

describe('text of others', () => {
  it.each(HOSTILE)('%j is written out', (text) => {
    expect(clean(text)).toMatch(SAFE);
    expect(paint('red', text).shown(false)).toMatch(SAFE);
    expect(line`a ${text} b`.shown(true)).toMatch(SAFE);
    expect(
      tableOf(['name'], [[text], [paint('bold', text)]])
        .map((one) => one.shown(false))
        .join(''),
    ).toMatch(SAFE);
  });

  it.each(HOSTILE)('%j is the same value in JSON', (text) => {
    const json = jsonOf({ [text]: [text] });
    expect(json).toMatch(SAFE);
    expect(JSON.parse(json)).toEqual({ [text]: [text] });
    expect(JSON.parse(jsonOf({ text }, 2))).toEqual({ text });
  });

  it('is recognised', () => {
    expect(clean(`${ESC}[31mred`)).toBe('\\u001b[31mred');
    expect(clean('a\tb\r\n')).toBe('a\\tb\\r\\n');
    expect(clean('tag\u{e0041}')).toBe('tag\\udb40\\udc41');
    expect(clean('grün 🚀 日本')).toBe('grün 🚀 日本');
    expect(clean('half \ud83d')).toBe('half \\ud83d');
  });

  it('gets colours of ours alone', () => {
    const shown = line`${paint('red', `${ESC}[32mx`)}!`.shown(true);
    expect(shown).toBe(`${ESC}[31m\\u001b[32mx${ESC}[0m!`);
  });
});

describe('a line', () => {
  it('is cut to the width of a terminal, colours aside', () => {
    const long = line`${paint('red', 'abc')}${paint('green', 'defgh')}`;
    expect(long.cut(5).shown(false)).toBe('abcd…');
    expect(long.cut(5).shown(true)).toBe(`${ESC}[31mabc${ESC}[0m${ESC}[32md${ESC}[0m…`);
    expect(long.cut(8).shown(false)).toBe('abcdefgh');
    expect(Line.of('🚀🚀🚀').cut(2).shown(false)).toBe('🚀…');
  });

  it('stands in a column: text on the left, numbers on the right', () => {
    const table = tableOf(
      ['name', 'count'],
      [
        ['a', 5],
        [paint('red', 'long name'), paint('red', 1234)],
        ['b', '-'],
      ],
    );
    expect(table.map((one) => one.shown(false))).toEqual([
      ...['name       count', 'a              5', 'long name   1234', 'b              -'],
    ]);
  });
});

describe('a time', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');

  it.each([
    ['now', String(now)],
    ['15m', String(now - 15 * 60_000)],
    ['2h', String(now - 7_200_000)],
    ['7d', String(now - 7 * 86_400_000)],
    ['1795230491115', '1795230491115'],
    ['1795230491115-3', '1795230491115-3'],
    ['1795230491115-3.12', '1795230491115-3.12'],
    ['2026-01-31T11:00:00Z', String(now - 3_600_000)],
    ['2026-01-31', String(now - 12 * 3_600_000)],
  ])('%s is taken', (text, point) => {
    expect(pointOf(text, now)).toBe(point);
  });

  it.each(['yesterday', '2w', '', '-5m', '2026-13-01', '1.5h'])('%s is not', (text) => {
    expect(() => pointOf(text, now)).toThrow(/is not a time; expected 2026-01-31T12:00:00Z/);
  });

  it('and a size are told in one unit', () => {
    expect([5, 5000, 300_000, 10_800_000, 432_000_000].map(spanOf)).toEqual(['5 ms', '5 s', '5 min', '3 h', '5 d']);
    expect([null, 10, 1536, 5 << 20].map(bytesOf)).toEqual(['-', '10 B', '1.5 KiB', '5.0 MiB']);
  });
});
