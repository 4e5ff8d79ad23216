import { PatternError, parseFilters, parsePattern } from '../src/index.js';

/** What whoever writes a pattern reads: where, what was there, what is accepted. */
const refusal = (make: () => unknown): unknown => {
  try {
    make();
  } catch (error) {
    return error instanceof PatternError ? error.message : error;
  }
  return undefined;
};

const NUMERIC =
  'an operator (=, <, <=, >, >=) and a number, or a lower bound (>, >=) and then a higher upper one (<, <=)';
const BUT = 'a string, a number, a list of strings or of numbers, or prefix, suffix, equals-ignore-case or wildcard';
const EDGE = 'a string or {"equals-ignore-case": a string}';
const CIDR = 'an IPv4 network up to /31 or an IPv6 network up to /127';
const OPERATORS = 'one of prefix, suffix, equals-ignore-case, exactly, wildcard, anything-but, numeric, exists, cidr';
const long = (n: number, unit: string) => unit.repeat(n);

describe('a pattern is refused in one sentence', () => {
  it.each([
    ['[]', 'the pattern: an event pattern that is array; expected a JSON object'],
    ['{}', 'the pattern: an empty object; expected at least one field'],
    ['{"a":{}}', 'a: an empty object; expected at least one field'],
    ['{"a":{"b":[]}}', 'a.b: an empty list; expected at least one value or operator'],
    ['{"a":"x"}', 'a: a string; expected an object, or a list of what it accepts'],
    ['{"a":[[1]]}', 'a[0]: an array in an array; expected a string, a number, true, false, null or an operator'],
    ['{"a":[{}]}', 'a[0]: an empty object; expected an object with one operator'],
    ['{"a":[1,{"prefix":"a","suffix":"b"}]}', 'a[1]: 2 operators; expected an object with one operator'],
    ['{"a":[{"is":1}]}', `a[0]: unknown operator "is"; expected ${OPERATORS}`],
    ['{"a":[{"exactly":1}]}', 'a[0].exactly: the number 1; expected a string'],
    [`{"a":[{"exactly":${long(50, '1')}}]}`, `a[0].exactly: the number ${long(40, '1')}; expected a string`],
    ['{"a":[{"exactly":null}]}', 'a[0].exactly: null; expected a string'],
    ['{"a":[{"exactly":false}]}', 'a[0].exactly: false; expected a string'],
    ['{"a":[{"exactly":{}}]}', 'a[0].exactly: an object; expected a string'],
    ['{"a":[{"exactly":[]}]}', 'a[0].exactly: an array; expected a string'],
    ['{"a":[{"prefix":1}]}', `a[0].prefix: the number 1; expected ${EDGE}`],
    ['{"a":[{"prefix":{"wildcard":"x"}}]}', `a[0].prefix: operator "wildcard"; expected ${EDGE}`],
    ['{"a":[{"suffix":{}}]}', `a[0].suffix: an empty object; expected ${EDGE}`],
    ['{"a":[{"suffix":{"equals-ignore-case":1}}]}', 'a[0].suffix.equals-ignore-case: the number 1; expected a string'],
    ['{"a":[{"exists":null}]}', 'a[0].exists: null; expected true or false'],
    ['{"a":[{"exists":"true"}]}', 'a[0].exists: the string "true"; expected true or false'],
    [`{"a":[{"exists":"${long(50, 'x')}"}]}`, `a[0].exists: the string "${long(40, 'x')}"; expected true or false`],
    ['{"a":[{"cidr":"10.0.0.0"}]}', `a[0].cidr: the string "10.0.0.0"; expected ${CIDR}`],
    ['{"a":[{"cidr":"x/8"}]}', `a[0].cidr: the string "x/8"; expected ${CIDR}`],
    ['{"a":[{"cidr":"10.0.0.0/8/8"}]}', `a[0].cidr: the string "10.0.0.0/8/8"; expected ${CIDR}`],
    ['{"a":[{"cidr":"10.0.0.0/-1"}]}', `a[0].cidr: the string "10.0.0.0/-1"; expected ${CIDR}`],
    ['{"a":[{"cidr":"::/128"}]}', `a[0].cidr: the string "::/128"; expected ${CIDR}`],
    ['{"a":[{"cidr":8}]}', `a[0].cidr: the number 8; expected ${CIDR}`],
    ['{"a":[{"numeric":5}]}', `a[0].numeric: the number 5; expected ${NUMERIC}`],
    ['{"a":[{"numeric":["="]}]}', `a[0].numeric: 1 terms; expected ${NUMERIC}`],
    ['{"a":[{"numeric":[1,"="]}]}', `a[0].numeric[0]: the number 1; expected ${NUMERIC}`],
    ['{"a":[{"numeric":["=","1"]}]}', `a[0].numeric[1]: the string "1"; expected ${NUMERIC}`],
    ['{"a":[{"numeric":[">",1,"<",null]}]}', `a[0].numeric[3]: null; expected ${NUMERIC}`],
    ['{"a":[{"numeric":[">",1,">",2]}]}', `a[0].numeric: bounds in another order; expected ${NUMERIC}`],
    ['{"a":[{"numeric":["=",1,"<",2]}]}', `a[0].numeric: bounds in another order; expected ${NUMERIC}`],
    ['{"a":[{"numeric":[">",2,"<=",2]}]}', `a[0].numeric: an empty range, 2 to 2; expected ${NUMERIC}`],
    [
      '{"a":[{"numeric":["=",9007199254740993]}]}',
      'a[0].numeric[1]: the number 9007199254740993; expected a number that a double holds exactly',
    ],
    ['{"a":[{"anything-but":true}]}', `a[0].anything-but: true; expected ${BUT}`],
    ['{"a":[{"anything-but":[]}]}', `a[0].anything-but: a list that is empty or of several kinds; expected ${BUT}`],
    ['{"a":[{"anything-but":{}}]}', `a[0].anything-but: an empty object; expected ${BUT}`],
    ['{"a":[{"anything-but":{"cidr":"::/8"}}]}', `a[0].anything-but: operator "cidr"; expected ${BUT}`],
    [
      '{"a":[{"anything-but":{"suffix":[]}}]}',
      'a[0].anything-but.suffix: an empty list; expected a string or a list of strings',
    ],
    [
      '{"a":[{"anything-but":{"suffix":[1]}}]}',
      'a[0].anything-but.suffix: the number 1; expected a string or a list of strings',
    ],
    [
      '{"a":[{"anything-but":{"prefix":["x",""]}}]}',
      'a[0].anything-but.prefix: the string ""; expected a string that is not empty',
    ],
    [
      '{"a":[{"wildcard":"x**"}]}',
      'a[0].wildcard: "**" at 1; expected single stars, and only "\\*" and "\\\\" escaped',
    ],
    ['{"$or":{"a":[1]}}', '$or: 0 of them; expected a list of two or more objects'],
    ['{"$or":[{"a":[1]},5]}', '$or[1]: a number; expected an object'],
    ['{"x":{"$or":[{"a":[1]},{"exists":[1]}]}}', 'x.$or[1].exists: "exists", a name reserved in $or; expected a field'],
  ])('%s', (text, sentence) => {
    expect(refusal(() => parsePattern(text))).toBe(sentence);
  });

  it('and not where only anything-but asks for more than nothing', () => {
    expect(refusal(() => parsePattern('{"a":[{"anything-but":{"equals-ignore-case":""}}]}'))).toBeUndefined();
    expect(refusal(() => parsePattern('{"exists":[{"exists":true}]}'))).toBeUndefined();
  });
});

describe('filters are refused in one sentence', () => {
  const nested = (depth: number): object => (depth === 0 ? { exact: { a: 'x' } } : { not: nested(depth - 1) });

  it.each<[unknown, string]>([
    [null, 'filters: null; expected an object with one dialect'],
    [{}, 'filters: {}; expected an object with one dialect'],
    [undefined, 'filters: nothing; expected an object with one dialect'],
    [{ all: [], any: [] }, 'filters: 2; expected an object with one dialect'],
    [[{ exact: { a: 'x' } }, []], 'filters[1]: []; expected an object with one dialect'],
    [[['exact']], 'filters[0]: ["exact"]; expected an object with one dialect'],
    ['exact', 'filters: "exact"; expected an object with one dialect'],
    [{ any: 'x' }, 'filters.any: "x"; expected a list of one or more filters'],
    [{ any: { length: 1 } }, 'filters.any: {"length":1}; expected a list of one or more filters'],
    [{ not: { all: [] } }, 'filters.not.all: []; expected a list of one or more filters'],
    [{ exact: null }, 'filters.exact: null; expected an object of attributes and texts'],
    [{ exact: ['x'] }, 'filters.exact: ["x"]; expected an object of attributes and texts'],
    [{ exact: 'x' }, 'filters.exact: "x"; expected an object of attributes and texts'],
    [{ prefix: { a: null } }, 'filters.prefix.a: null; expected a text'],
    [{ exact: { a: [long(200, 'x')] } }, `filters.exact.a: ["${long(98, 'x')}; expected a text`],
  ])('%j', (filters, sentence) => {
    expect(refusal(() => parseFilters(filters))).toBe(sentence);
  });

  it('where they are nested more than 32 deep', () => {
    expect(refusal(() => parseFilters(nested(32)))).toBeUndefined();
    expect(refusal(() => parseFilters(nested(33)))).toMatch(
      /^filters(\.not){33}: more; expected filters nested at most 32/,
    );
    const lists = (depth: number): object => (depth === 0 ? { exact: { a: 'x' } } : { all: [lists(depth - 1)] });
    expect(refusal(() => parseFilters(lists(32)))).toBeUndefined();
    expect(refusal(() => parseFilters(lists(33)))).toMatch(/expected filters nested at most 32 deep/);
  });
});

describe('the size of a pattern', () => {
  const fields = (n: number, name = 'f') => Array.from({ length: n }, (_, i) => `"${name}${i}":[1]`).join();
  const or = (...choices: string[]) => `"$or":[${choices.map((one) => `{${one}}`).join()}]`;

  it('is that of all alternatives together, and at most 65,536 fields', () => {
    expect(parsePattern(`{${fields(3)},${or(fields(2, 'a'), fields(1, 'b'))}}`).size).toBe(5 + 4);
    const choices = Array.from({ length: 2047 }, (_, i) => `"x${i}":[1]`);
    const all = (last: string) => `{${fields(31)},${or(...choices, last)}}`;
    expect(parsePattern(all('"y":[1]')).size).toBe(65_536);
    expect(refusal(() => parsePattern(all('"y":[1],"z":[1]')))).toMatch(
      /^the pattern: 2048 alternatives with 65537 fields/,
    );
  });

  it('is counted before it is made, for choices beside and within each other', () => {
    const eight = or(...Array.from({ length: 8 }, (_, i) => fields(1, `a${i}`)));
    const beside = `{${[eight, eight, eight, eight, or('"x":[1]', '"y":[1]')].join()}}`;
    expect(refusal(() => parsePattern(beside))).toMatch(/^the pattern: 8192 alternatives with 40960 fields/);
    const uneven = `{${fields(40, 'z')},${Array.from({ length: 10 }, (_, i) => or(fields(3, `a${i}`), fields(1, `b${i}`))).join()},${or('"x":[1]', '"y":[1]', '"z":[1]', '"w":[1]', '"v":[1]')}}`;
    // 1024 choices of two, each three fields or one: 20 in the mean, beside the 40, and the one of five.
    expect(refusal(() => parsePattern(uneven))).toMatch(
      new RegExp(`^the pattern: 5120 alternatives with ${5120 * 61} fields`),
    );
  });
});
