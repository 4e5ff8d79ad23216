import { EventFields, matches, PatternIndex, parsePattern, Steps } from '../src/index.js';

/**
 * The same event takes the same steps everywhere, so what a step is has to be as it was measured
 * (docs/adr/2026-11-30-matching-takes-counted-steps.md): a change here changes which events are refused.
 */
const taken = (pattern: object, event: object): number => {
  const steps = new Steps(1e9);
  matches(parsePattern(JSON.stringify(pattern)), JSON.stringify(event), steps);
  return steps.taken;
};
const text = (length: number) => 'x'.repeat(length);
const steps = (length: number) => Array.from({ length }, () => 'a').join('.');

describe('a match takes', () => {
  it.each<[number, string, object, object]>([
    [2, 'a look for the key, and one at nothing', { a: [1] }, { b: 1 }],
    [3, 'one at the value', { a: [1] }, { a: 1 }],
    [5, 'one for each key that a path may begin with', { a: { b: [1] } }, { a: { b: 1 } }],
    [4, 'the same where a key has a dot', { a: { b: [1] } }, { 'a.b': 1 }],
    [3, 'one for a text of up to 31 characters', { a: ['x'] }, { a: text(31) }],
    [4, 'one more from 32 on', { a: ['x'] }, { a: text(32) }],
    [5, 'and from 64 on', { a: ['x'] }, { a: text(64) }],
    [8, 'twice that where a test goes through it too', { a: [{ prefix: 'y' }] }, { a: text(64) }],
    [5, 'one more for eight characters of a wildcard', { a: [{ wildcard: text(8) }] }, { a: 'y' }],
    [6, 'or of a text without regard to case', { a: [{ 'equals-ignore-case': text(16) }] }, { a: 'y' }],
    [6, 'or of what it must not be', { a: [{ 'anything-but': { prefix: ['x', text(8)] } }] }, { a: 'y' }],
    [103, 'a hundred for an address', { a: ['10.0.0.1'] }, { a: 'y' }],
    [103, 'and for a network, whatever the value is', { a: [{ cidr: '10.0.0.0/8' }] }, { a: 1 }],
    [10, 'two for each element of an array', { a: [1] }, { a: [2, 3, 4, 5] }],
    [12, 'also of a longer one', { a: [1] }, { a: [2, 3, 4, 5, 6] }],
    [18, 'three for the place of one', { a: { b: [1] } }, { a: [{ b: 2 }, { b: 1 }] }],
    [
      41,
      'one pass for fields of one array',
      { a: { b: [1], c: [2] } },
      {
        a: [
          { b: 1, c: 3 },
          { b: 1, c: 2 },
        ],
      },
    ],
    [
      133,
      'a search for fields of arrays within each other',
      { a: { b: { d: [1] }, c: [2] } },
      {
        a: [
          { b: [{ d: 1 }, { d: 2 }], c: 3 },
          { b: [{ d: 3 }, { d: 1 }], c: 2 },
        ],
      },
    ],
    [9, 'as many as a path has steps', { [steps(8)]: [1] }, {}],
    [12, 'more where keys are made anew', { [steps(9)]: [1] }, {}],
    [192, 'by their length', { [steps(64)]: [1] }, {}],
  ])('%d: %s', (count, _, pattern, event) => {
    expect(taken(pattern, event)).toBe(count);
  });

  it('what is asked for twice once', () => {
    const pattern = parsePattern('{"a":["x",{"prefix":"y"}],"b":[1]}');
    const json = JSON.stringify({ a: ['1', '2', '3', '4', '5'], b: 1 });
    const counted = new Steps(1e9);
    const fields = new EventFields(json, true, counted);
    matches(pattern, fields);
    const first = counted.taken;
    matches(pattern, fields);
    expect([first, counted.taken - first]).toEqual([17, 1]);
  });

  it('what the last step allows, and is the same in what is left', () => {
    const allowed = new Steps(3);
    expect(matches(parsePattern('{"a":[1]}'), '{"a":1}', allowed)).toBe(true);
    expect(allowed.taken).toBe(3);
    const short = new Steps(2);
    expect(() => matches(parsePattern('{"a":[1]}'), '{"a":1}', short)).toThrow('matching exceeds 2 steps');
    expect(short.taken).toBe(2);
  });
});

describe('an index', () => {
  const JSON_TEXT = JSON.stringify({ type: 't', source: '/s/7', n: 7, tags: ['x', 'y', 'x'], big: 1 });
  const costOf = (patternOf: (n: number) => string, rules: number): number => {
    const index = new PatternIndex(
      Array.from({ length: rules }, (_, value) => ({ pattern: parsePattern(patternOf(value)), value })),
    );
    const counted = new Steps(1e9);
    index.match({ type: 't', json: JSON_TEXT }, counted);
    return counted.taken;
  };

  // What can be looked up in the event costs the same, however many rules there are.
  it.each<[string, (n: number) => string]>([
    ['texts', (n) => `{"source":["/s/${n}"]}`],
    ['numbers', (n) => `{"n":[${n}]}`],
    ['texts or numbers', (n) => `{"n":[${n},"${n}"]}`],
    ['prefixes', (n) => `{"source":[{"prefix":"/s/${String(n).padStart(3, '0')}"}]}`],
    ['prefixes or texts', (n) => `{"source":[{"prefix":"/x/${String(n).padStart(3, '0')}"},"/s/${n}"]}`],
    ['values of elements', (n) => `{"tags":["${n}"]}`],
    ['values behind what cannot be looked up', (n) => `{"big":[{"numeric":[">",0]}],"source":["/s/${n}"]}`],
    ['types', (n) => `{"type":["u${n}"],"n":[{"exists":true}]}`],
    ['types and values', (n) => `{"type":["t"],"source":["/s/${n}"]}`],
    ['types by prefix, and values', (n) => `{"type":[{"prefix":"t"}],"source":["/s/${n}"]}`],
  ])('does not grow by %s', (_, patternOf) => {
    expect(costOf(patternOf, 1000)).toBe(costOf(patternOf, 100));
  });

  it.each<[string, (n: number) => string]>([
    ['what is left out', (n) => `{"n":[${n},{"exists":false}]}`],
    ['what is not', (n) => `{"source":[{"anything-but":"/s/${n}"}]}`],
    ['ends of texts', (n) => `{"source":[{"suffix":"${n}"}]}`],
    ['prefixes without regard to case', (n) => `{"source":[{"prefix":{"equals-ignore-case":"/s/${n}"}}]}`],
    ['numbers with more digits than a double has', (n) => `{"n":[1${n}0000000000000000001]}`],
  ])('grows by %s', (_, patternOf) => {
    expect(costOf(patternOf, 1000)).toBeGreaterThan(9 * costOf(patternOf, 100));
  });

  it('names what matched by several of its values once, in the order of the rules', () => {
    const texts = ['{"tags":["x","y",{"prefix":"x"}]}', '{"type":["t"],"tags":["y"]}', '{"tags":["z"]}', '{"n":[7]}'];
    const index = new PatternIndex(texts.map((one, value) => ({ pattern: parsePattern(one), value })));
    expect(index.match({ type: 't', json: JSON_TEXT })).toEqual([0, 1, 3]);
  });

  it('tells by the type alone where all of its rules do, and only there', () => {
    const index = new PatternIndex(
      [
        '{"type":["t",null]}',
        '{"type":["t"],"source":["/s/7"]}',
        '{"type":["u",{"suffix":"v"}]}',
        '{"type":["u"]}',
      ].map((one, value) => ({ pattern: parsePattern(one), value })),
    );
    expect(index.match({ type: 't', json: JSON_TEXT })).toEqual([0, 1]);
    expect(index.match({ type: 'u', json: 'no JSON' })).toEqual([2, 3]);
    expect(index.match({ type: 'wv', json: 'no JSON' })).toEqual([2]);
    expect(index.match({ type: 'w', json: 'no JSON' })).toEqual([]);
    expect(() => index.match({ type: 't', json: 'no JSON' })).toThrow(SyntaxError);
  });
});

describe('what an event is', () => {
  const nested = (depth: number) => JSON.parse(`{"a":${'['.repeat(depth)}1${']'.repeat(depth)}}`) as object;

  it('arrays within each other are seen to the 513th', () => {
    const pattern = parsePattern('{"a":[1]}');
    expect([512, 513, 514].map((depth) => matches(pattern, nested(depth)))).toEqual([true, true, false]);
  });

  it.each([null, [], [{}], 5, 'x'])('an object, and not %j', (value) => {
    expect(() => matches(parsePattern('{"a":[1]}'), JSON.stringify(value))).toThrow('An event is a JSON object');
  });

  it('keys that a path may be read as, of any length, are read in each way', () => {
    for (const length of [2, 8, 9, 12]) {
      const keys = Array.from({ length }, (_, n) => `k${n}`);
      const pattern = parsePattern(JSON.stringify({ [keys.join('.')]: [1] }));
      for (let at = 1; at < length; at += 1) {
        const [head, tail] = [keys.slice(0, at).join('.'), keys.slice(at).join('.')];
        expect(matches(pattern, { [head]: { [tail]: 1 } })).toBe(true);
        expect(matches(pattern, { [head]: [{ x: 1 }, { [tail]: [2, 1] }] })).toBe(true);
        expect(matches(pattern, { [head]: tail, [tail]: 1 })).toBe(false);
      }
    }
  });

  it('members that are undefined, as a parsed object may have them, are absent', () => {
    expect(matches(parsePattern('{"a":[{"exists":true}]}'), { a: undefined })).toBe(false);
    expect(matches(parsePattern('{"a":[{"exists":false}]}'), { a: undefined })).toBe(true);
  });
});
