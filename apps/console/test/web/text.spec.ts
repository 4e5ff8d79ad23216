import { ServerEventParser } from '../../web/src/api/server-events.js';
import { pretty, readJson, written } from '../../web/src/ui/json-text.js';
import { lineDiff } from '../../web/src/ui/line-diff.js';
import { align } from '../../web/src/views/metrics/align.js';
import { tickTime, tickValue } from '../../web/src/views/metrics/ticks.js';

describe('what changes between two texts', () => {
  const signs = { same: ' ', less: '-', more: '+' };
  const diff = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => signs[kind] + text);

  it('is as few lines as can be', () => {
    expect(diff('a\nb\nc\nd', 'a\nc\nx\nd')).toEqual([' a', '-b', ' c', '+x', ' d']);
    expect(diff('', 'a\nb')).toEqual(['+a', '+b']);
    expect(diff('a\nb', '')).toEqual(['-a', '-b']);
    expect(diff('a', 'a')).toEqual([' a']);
  });
});

describe('JSON as people read it', () => {
  it('stays on a line where there is room', () => {
    const route = { type: ['order.paid'], data: { amount: [{ numeric: ['>=', 100] }], none: {}, list: [] } };
    expect(written(route)).toBe(
      '{\n  "type": ["order.paid"],\n  "data": {\n    "amount": [{ "numeric": [">=", 100] }],\n    "none": {},\n    "list": []\n  }\n}',
    );
    expect(JSON.parse(written(route))).toEqual(route);
    expect(written('text')).toBe('"text"');
    expect(written(undefined)).toBe('');
  });

  it('leaves what is none as it is, and says what is wrong with it', () => {
    expect(pretty('not JSON')).toBe('not JSON');
    expect(readJson('{"a":').problem).toContain('Invalid JSON');
    expect(readJson('  ').problem).toContain('Empty');
    expect(readJson('null')).toEqual({ value: null });
  });
});

describe('server-sent events', () => {
  it('wait for their rest', () => {
    const parser = new ServerEventParser();
    expect(parser.push('event: snapshot\nda')).toEqual([]);
    expect(parser.push('ta: {"a":1}\n\n: a comment\n\ndata: x\ndata: y\n\n')).toEqual([
      { name: 'snapshot', data: '{"a":1}' },
      { name: 'message', data: 'x\ny' },
    ]);
  });

  it('may end their lines with CR LF, also where a piece ends between the two', () => {
    const parser = new ServerEventParser();
    expect(parser.push('event: snapshot\r\ndata: 1\r')).toEqual([]);
    expect(parser.push('\n\r\ndata: 2\r\n\r\n')).toEqual([
      { name: 'snapshot', data: '1' },
      { name: 'message', data: '2' },
    ]);
  });
});

describe('several series', () => {
  it('stand over one row of times', () => {
    const point = (timestampMs: number, value: number) => ({ timestampMs, value });
    expect(align([[point(1, 10), point(3, 30)], [point(2, 5)]])).toEqual({
      times: [1, 2, 3],
      rows: [
        [10, null, 30],
        [null, 5, null],
      ],
    });
  });
});

describe('the ticks of an axis', () => {
  it('say as much as their distance needs', () => {
    const [second, minute, day] = [1000, 60_000, 86_400_000];
    const at = new Date(2026, 10, 21, 14, 3, 10).getTime();
    const steps = [10 * second, minute, day, 30 * day, 365 * day];
    expect(steps.map((step) => tickTime(at, step))).toEqual(['14:03:10', '14:03', '21 Nov', 'Nov 2026', '2026']);
    expect(tickTime(new Date(2026, 10, 21).getTime(), minute)).toBe('21 Nov');
  });

  it('have the digits that tell one from the next', () => {
    const pairs = [
      [23.456, 0.05],
      [7.5, 2.5],
      [20, 5],
      [12_000, 2000],
    ] as const;
    expect(pairs.map(([value, step]) => tickValue(value, step))).toEqual(['23.46', '7.5', '20', '12,000']);
  });
});
