import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { findText, matches, matchesWildcard, PatternIndex, parsePattern, parseWildcard } from '../src/index.js';

/** Each operator over values near its edges, beside what it means, said in the plainest way. */
const accepts = (list: readonly unknown[], value: unknown): boolean => {
  const pattern = parsePattern(JSON.stringify({ a: list }));
  const json = JSON.stringify({ type: 't', a: value });
  const index = new PatternIndex([{ pattern, value: 1 }]);
  const verdict = matches(pattern, json);
  expect(index.match({ type: 't', json })).toEqual(verdict ? [1] : []);
  return verdict;
};

/** Verdicts of generated pairs; both have to be there, or nothing was compared. */
const compare = <T extends unknown[]>(
  inputs: fc.Arbitrary<T>,
  verdictOf: (...input: T) => boolean,
  expected: (...input: T) => boolean,
  runs = 400,
): void => {
  const seen = { true: 0, false: 0 };
  fc.assert(
    fc.property(inputs, (input) => {
      const verdict = expected(...input);
      seen[`${verdict}`] += 1;
      expect(verdictOf(...input)).toBe(verdict);
    }),
    { numRuns: fuzzRuns(runs) },
  );
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(5);
};

const ab = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b'), maxLength });

describe('a wildcard', () => {
  /** By every way that there is. */
  const fits = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    if (pattern[0] === '*') return fits(pattern.slice(1), text) || (text !== '' && fits(pattern, text.slice(1)));
    const rest = pattern[0] === '\\' ? pattern.slice(1) : pattern;
    return text !== '' && text[0] === rest[0] && fits(rest.slice(1), text.slice(1));
  };
  const piece = fc.oneof(ab(3), fc.constantFrom('\\*', '\\\\'));
  const pattern = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('*').replace(/\*{2,}/g, '*'));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 8 });

  it('takes what any choice of its runs makes', () => {
    const written = pattern.filter((one) => typeof parseWildcard(one) !== 'string');
    compare(fc.tuple(written, text), (one, other) => accepts([{ wildcard: one }], other), fits);
  });

  it('refuses, behind anything-but, what any of its texts takes', () => {
    const written = fc.array(
      pattern.filter((one) => typeof parseWildcard(one) !== 'string'),
      { minLength: 1, maxLength: 2 },
    );
    compare(
      fc.tuple(written, text),
      (list, other) => accepts([{ 'anything-but': { wildcard: list } }], other),
      (list, other) => !list.some((one) => fits(one, other)),
    );
  });

  it('finds the parts between its stars one after the other, and not one within the other', () => {
    const takes = (wildcard: string, other: string) => matchesWildcard(parseWildcard(wildcard) as string[], other);
    expect(takes('*ab*ab*', 'ab')).toBe(false);
    expect(takes('*aba*aba*', 'ababa')).toBe(false);
    expect(takes('*aba*aba*', 'abaaba')).toBe(true);
    expect(takes('a*ba*a', 'aba')).toBe(false);
    expect(takes('a*ba*a', 'abaa')).toBe(true);
  });

  it.each([
    ['a**b', '"**" at 1'],
    ['\\**', undefined],
    ['*\\*', undefined],
    ['ab\\c', 'a "\\" at 2 that escapes neither "*" nor "\\"'],
    ['\\', 'a "\\" at 0 that escapes neither "*" nor "\\"'],
  ])('%s is wrong by %s', (written, wrong) => {
    const parsed = parseWildcard(written);
    expect(typeof parsed === 'string' ? parsed : undefined).toBe(wrong);
  });
});

describe('a long text', () => {
  // So long that the engine's own search is not asked: borders of every length, and a beginning in the middle.
  it('is found by its borders as by a look at every place', () => {
    const long = fc.tuple(ab(6), fc.integer({ min: 60, max: 120 })).map(([one, n]) => one.repeat(n));
    fc.assert(
      fc.property(long, ab(4), ab(4), long, fc.nat(300), (part, before, end, rest, from) => {
        const looked = `${part}${end}`;
        const text = `${before}${part}${part.slice(1)}${looked}${rest}${part}`.repeat(2);
        expect(findText(text, looked, from)).toBe(text.indexOf(looked, from));
        expect(findText(text, `${looked}c`, from)).toBe(-1);
      }),
      { numRuns: fuzzRuns(200) },
    );
  });
});

describe('an address', () => {
  const octet = fc.constantFrom(0, 1, 9, 10, 127, 128, 254, 255);
  const v4 = fc.tuple(octet, octet, octet, octet);
  const of8 = (octets: readonly number[]): bigint => octets.reduce((sum, one) => (sum << 8n) | BigInt(one), 0n);
  const nearOf = (octets: readonly number[], at: number, by: number) =>
    octets.map((one, i) => (i === at ? one ^ by : one));
  const near = fc.tuple(fc.nat(3), fc.constantFrom(0, 0, 1, 2, 8, 128));

  it('of four octets is in a network by its first bits', () => {
    compare(
      fc.tuple(v4, near, fc.nat(31)),
      (octets, [at, by], bits) => accepts([{ cidr: `${octets.join('.')}/${bits}` }], nearOf(octets, at, by).join('.')),
      (octets, [at, by], bits) => {
        const rest = BigInt(32 - bits);
        return of8(octets) >> rest === of8(nearOf(octets, at, by)) >> rest;
      },
    );
  });

  const group = fc.constantFrom(0, 0, 1, 0x7fff, 0x8000, 0xffff);
  const v6 = fc.array(group, { minLength: 8, maxLength: 8 });
  const of16 = (groups: readonly number[]): bigint => groups.reduce((sum, one) => (sum << 16n) | BigInt(one), 0n);
  /** Written with as many zeros left out as `from` and `n` say. */
  const written = (groups: readonly number[], from: number, n: number): string => {
    const hex = groups.map((one) => one.toString(16));
    const isZero = n > 0 && groups.slice(from, from + n).every((one) => one === 0);
    return isZero ? `${hex.slice(0, from).join(':')}::${hex.slice(from + n).join(':')}` : hex.join(':');
  };
  const isMapped = (groups: readonly number[]) => of16(groups) >> 32n === 0xffffn;

  it('of eight groups is in a network by its first bits, however its zeros are left out', () => {
    compare(
      fc.tuple(
        v6,
        fc.nat(7),
        fc.constantFrom(0, 0, 1, 0x100, 0x8000),
        fc.nat(127),
        fc.nat(7),
        fc.integer({ min: 1, max: 8 }),
      ),
      (groups, at, by, bits, from, n) =>
        accepts(
          [{ cidr: `${written(groups, from, n)}/${isMapped(groups) ? bits % 32 : bits}` }],
          written(nearOf(groups, at, by), from, n),
        ),
      (groups, at, by, bits) => {
        const other = nearOf(groups, at, by);
        if (isMapped(groups) !== isMapped(other)) return false;
        const rest = isMapped(groups) ? BigInt(32 - (bits % 32)) : BigInt(128 - bits);
        return of16(groups) >> rest === of16(other) >> rest;
      },
    );
  });

  it.each([
    // Of IPv4: octets up to 255, of at most 15 characters together.
    ['255.255.255.255', '255.255.255.255', true],
    ['10.0.0.1', '010.000.000.001', true],
    ['10.0.0.1', '0010.000.000.001', false],
    ['10.0.0.1', '10.0.0.1.', false],
    // What is no address is a text like any other.
    ['256.0.0.1', '256.0.0.1', true],
    ['256.0.0.1', '256.0.0.01', false],
    ['1:2:3:4:5:6:7', '1:2:3:4:5:6:07', false],
    ['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8:09', false],
    ['1::2::3', '1::2::03', false],
    ['1:2:3:4:5:6:7:1ffff', '1:2:3:4:5:6:7:01ffff', false],
    ['1:2::3:', '1:2::03:', false],
    [':1::2', ':1::02', false],
    // Of IPv6, zeros left out, or not, or more than is needed.
    ['1:2:3:4:5:6:7:8', '0001:2:3:4:5:6:7:8', true],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', true],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', true],
    ['1:2:3:4::5:6:7:8', '1:2:3:4:0:5:6:7', false],
    ['::ffff', '0:0:0:0:0:0:0:ffff', true],
    ['FFFF::', 'ffff::', true],
    [`::${'0'.repeat(90)}1`, '::1', true],
    [`::${'0'.repeat(97)}1`, '::1', false],
    // Mapped: four bytes behind five groups of zeros and one of ones, in hexadecimal digits.
    ['10.0.0.1', '::ffff:a00:1', true],
    ['10.0.0.1', '::fffe:a00:1', false],
    ['10.0.0.1', '1::ffff:a00:1', false],
    ['10.0.0.1', '::1:ffff:a00:1', false],
    ['10.0.0.1', '::ffff:10.0.0.1', false],
  ])('%s takes %s: %s', (one, other, verdict) => {
    expect(accepts([one], other)).toBe(verdict);
  });

  it('of one kind is in no network of the other', () => {
    expect(accepts([{ cidr: '0.0.0.0/0' }], '::')).toBe(false);
    expect(accepts([{ cidr: '::/0' }], '0.0.0.0')).toBe(false);
    expect(accepts([{ cidr: '::/0' }], '1::')).toBe(true);
    expect(accepts([{ cidr: '0.0.0.0/0' }], '::ffff:0:0')).toBe(true);
  });
});

describe('without regard to case', () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', 'A', 's', 'S', 'ß', 'σ', 'ς', 'Σ', 'é', 'É', '1'),
    maxLength: 4,
  });
  /** Every text that a text of the pattern stands for. */
  const formsOf = (text: string): string[] =>
    text
      .split('')
      .reduce<string[]>(
        (all, unit) => all.flatMap((one) => [one + unit.toLowerCase(), one + unit.toUpperCase()]),
        [''],
      );
  const operators: readonly [(text: string) => unknown, (form: string, other: string) => boolean][] = [
    [(text) => ({ 'equals-ignore-case': text }), (form, other) => form === other],
    [(text) => ({ prefix: { 'equals-ignore-case': text } }), (form, other) => other.startsWith(form)],
    [(text) => ({ suffix: { 'equals-ignore-case': text } }), (form, other) => other.endsWith(form)],
  ];

  it.each(operators)('%s takes what one of its forms does', (operator, takes) => {
    compare(
      fc.tuple(letters, letters),
      (text, other) => accepts([operator(text)], other),
      (text, other) => formsOf(text).some((form) => takes(form, other)),
      800,
    );
  });
});

describe('numbers', () => {
  const NEAR = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];
  const near = fc.constantFrom(...NEAR);
  const COMPARE: Record<string, (value: number, bound: number) => boolean> = {
    '=': (value, bound) => value === bound,
    '<': (value, bound) => value < bound,
    '<=': (value, bound) => value <= bound,
    '>': (value, bound) => value > bound,
    '>=': (value, bound) => value >= bound,
  };
  const holds = (operator: string, value: number, bound: number) => COMPARE[operator]?.(value, bound) ?? false;

  it('are compared with one bound, and with two', () => {
    compare(
      fc.tuple(fc.constantFrom(...Object.keys(COMPARE)), near, near),
      (operator, bound, value) => accepts([{ numeric: [operator, bound] }], value),
      (operator, bound, value) => holds(operator, value, bound),
    );
    const range = fc.tuple(near, near).filter(([low, high]) => low < high);
    compare(
      fc.tuple(fc.constantFrom('>', '>='), fc.constantFrom('<', '<='), range, near),
      (above, below, [low, high], value) => accepts([{ numeric: [above, low, below, high] }], value),
      (above, below, [low, high], value) => holds(above, value, low) && holds(below, value, high),
    );
  });

  it.each<[unknown, string, boolean]>([
    [[{ numeric: ['=', 1] }], '"1"', false],
    [[{ numeric: ['>', 0] }], 'true', false],
    [[{ numeric: ['<', 1] }], 'null', false],
    [[{ 'anything-but': 1 }], '1.0', false],
    [[{ 'anything-but': 1 }], '"1"', true],
    [[{ 'anything-but': [1, 2] }], '2e0', false],
    [[{ 'anything-but': ['1'] }], '1', true],
  ])('%j on %s is %s', (list, value, verdict) => {
    expect(matches(parsePattern(JSON.stringify({ a: list })), `{"a":${value}}`)).toBe(verdict);
  });

  it('keep the digits of a list and of an event wherever one of both has too many', () => {
    const both = (list: string, value: string) =>
      matches(parsePattern(`{"b":["x"],"a":[${list}]}`), `{"b":"x","a":${value}}`);
    expect(both('9007199254740993', '9007199254740993')).toBe(true);
    expect(both('9007199254740993', '9007199254740992')).toBe(false);
    expect(both('9007199254740992', '9007199254740993')).toBe(false);
    expect(both('"y",9007199254740992', '9007199254740993')).toBe(false);
    expect(both('"y",{"numeric":["=",9007199254740992]}', '9007199254740993')).toBe(false);
    expect(both('{"prefix":"y"},{"anything-but":9007199254740992}', '9007199254740993')).toBe(true);
  });
});

describe('anything-but', () => {
  const text = ab(3);
  const list = fc.array(
    text.filter((one) => one !== ''),
    { minLength: 1, maxLength: 3 },
  );
  const forms: readonly [string, (edge: string, other: string) => boolean][] = [
    ['prefix', (edge, other) => other.startsWith(edge)],
    ['suffix', (edge, other) => other.endsWith(edge)],
    ['equals-ignore-case', (edge, other) => other === edge || other === edge.toUpperCase()],
  ];

  it.each(forms)('%s takes what none of its texts refuses', (form, refuses) => {
    compare(
      fc.tuple(list, text),
      (edges, other) => accepts([{ 'anything-but': { [form]: edges } }], other),
      (edges, other) => !edges.some((edge) => refuses(edge, other)),
    );
    expect(accepts([{ 'anything-but': { [form]: ['a'] } }], 5)).toBe(true);
  });

  it('takes every other value, and no absence', () => {
    for (const value of [null, true, 'y', 1]) expect(accepts([{ 'anything-but': ['x'] }], value)).toBe(true);
    expect(accepts([{ 'anything-but': ['x'] }], 'x')).toBe(false);
    expect(accepts([{ 'anything-but': 'x' }], [])).toBe(false);
    expect(accepts([{ 'anything-but': 'x' }], ['x', 'y'])).toBe(true);
  });
});
