import { atOnce, explain, explainInParts, isLarge, matches, matchesInParts, parsePattern } from '../src/index.js';

const leavesOf = (pattern: string, event: string) =>
  explain(parsePattern(pattern), event).alternatives[0]?.leaves ?? [];
const fields = (n: number, name = 'f') => Array.from({ length: n }, (_, i) => `"${name}${i}":[1]`).join();

describe('what a leaf saw', () => {
  it('is as it was written where a double does not hold it', () => {
    const [leaf] = leavesOf('{"a":[9007199254740993]}', '{"a":[9007199254740993,1,null,true,"x"]}');
    expect(leaf).toEqual({
      path: 'a',
      accepts: '[9007199254740993]',
      passed: true,
      seen: ['9007199254740993', 1, null, true, 'x'],
    });
  });

  it('is the first twenty of its values', () => {
    const values = (n: number) => Array.from({ length: n }, (_, i) => i);
    for (const n of [20, 21, 50]) {
      expect(leavesOf('{"a":[1]}', JSON.stringify({ a: values(n) }))[0]?.seen).toEqual(values(Math.min(n, 20)));
    }
  });

  it('and what it accepts, is cut from 501 characters on', () => {
    const text = (n: number) => 'x'.repeat(n);
    const seen = (n: number) => leavesOf('{"a":[1]}', JSON.stringify({ a: text(n) }))[0]?.seen;
    expect([seen(500), seen(501)]).toEqual([[text(500)], [`${text(500)}…`]]);
    const accepts = (n: number) => leavesOf(`{"a":["${text(n - 4)}"]}`, '{}')[0]?.accepts;
    expect([accepts(500), accepts(501)]).toEqual([`["${text(496)}"]`, `["${text(497)}"…`]);
  });

  it('is nothing where it is absent, and that passes where absence is accepted', () => {
    expect(leavesOf('{"a":[{"exists":false}],"b":[{"exists":true}],"c":[{"anything-but":"x"}]}', '{}')).toMatchObject([
      { path: 'a', passed: true, seen: [] },
      { path: 'b', passed: false, seen: [] },
      { path: 'c', passed: false, seen: [] },
    ]);
  });

  it('is written as the pattern is, by path', () => {
    const text =
      '{"b":[{"prefix":{"equals-ignore-case":"x"}},{"numeric":[">",1.50,"<=",2e1]},null],"a":{"c":["\\u0041",true]}}';
    expect(leavesOf(text, '{}').map(({ path, accepts }) => [path, accepts])).toEqual([
      ['a.c', '["A",true]'],
      ['b', '[{"prefix":{"equals-ignore-case":"x"}},{"numeric":[">",1.50,"<=",2e1]},null]'],
    ]);
  });
});

describe('alternatives', () => {
  const shown = (pattern: string, event: string) => {
    const { matched, alternatives, leftOut } = explain(parsePattern(pattern), event);
    return [matched, alternatives.map((one) => one.matched), leftOut];
  };

  it('are shown up to 200 leaves together, at least one', () => {
    const or = (...sizes: number[]) => `{"$or":[${sizes.map((n, i) => `{${fields(n, `f${i}_`)}}`).join()}]}`;
    expect(shown(or(100, 100), '{}')).toEqual([false, [false, false], undefined]);
    expect(shown(or(100, 101), '{}')).toEqual([false, [false], 1]);
    expect(shown(or(300, 1), '{}')).toEqual([false, [false], 1]);
    expect(shown(or(100, 50, 51, 1), '{}')).toEqual([false, [false, false], 2]);
  });

  it('that matched come first, each once', () => {
    expect(shown('{"$or":[{"a":[1]},{"b":[1]},{"c":[1]}]}', '{"b":1,"c":1}')).toEqual([
      true,
      [true, true, false],
      undefined,
    ]);
  });

  it('fail in different elements only where each of their leaves passes', () => {
    const [pattern] = [parsePattern('{"a":{"b":[1],"c":[2]}}')];
    const verdict = (event: string) => explain(pattern, event).alternatives[0];
    expect(verdict('{"a":[{"b":1},{"c":2}]}')).toMatchObject({ matched: false, inDifferentElements: true });
    expect(verdict('{"a":[{"b":1},{"c":3}]}')).toMatchObject({ matched: false, inDifferentElements: false });
    expect(verdict('{"a":[{"b":1,"c":2}]}')).toMatchObject({ matched: true, inDifferentElements: false });
  });
});

it('parts give what all at once does, for the first alternative that matches', () => {
  const pattern = parsePattern('{"$or":[{"a":[1]},{"a":{"b":[1],"c":[{"exists":false}]}}]}');
  for (const event of ['{"a":1}', '{"a":2}', '{"a":[{"b":1}]}', '{"a":[{"b":1,"c":1}]}', '{"a":[{"b":2},{"b":1}]}']) {
    expect(atOnce(matchesInParts(pattern, event))).toBe(matches(pattern, event));
    expect(atOnce(explainInParts(pattern, event))).toEqual(explain(pattern, event));
  }
  expect([isLarge('x'.repeat(65_535)), isLarge('x'.repeat(65_536))]).toEqual([false, true]);
});
