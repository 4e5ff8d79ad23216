import { type ExactNumber, type JsonMember, type JsonNode, numberOf } from '@millrace/json';
import { canonicalIp, inNetwork, parseIp } from './ip-address.js';
import { CaseFolded } from './letter-case.js';
import { PatternError } from './pattern-error.js';
import { matchesWildcard, parseWildcard } from './wildcard.js';

/** A scalar of an event. */
export type Scalar = string | number | boolean | null | ExactNumber;

/** Whether a value that is there passes. */
export type Test = (value: Scalar) => boolean;

/** One thing that a leaf accepts. */
export type Matcher =
  | { readonly kind: 'value'; readonly value: Scalar }
  | {
      readonly kind: 'test';
      readonly test: Test;
      readonly usesNumbers: boolean;
      /** Steps that it takes for a short value. */
      readonly cost: number;
      /** The test is for strings that begin so, and for nothing else. */
      readonly prefix?: string;
    }
  | { readonly kind: 'absent' };

/** Of an address: every value is taken apart for it, in 1 to 3 µs. */
const IP_COST = 100;

const onString =
  (test: (text: string) => boolean): Test =>
  (value) =>
    typeof value === 'string' && test(value);

const test = (passes: Test, { usesNumbers = false, cost = 1 } = {}): Matcher => ({
  kind: 'test',
  test: passes,
  usesNumbers,
  cost,
});

/** A test of strings alone. */
const textTest = (passes: (text: string) => boolean, cost = 1): Matcher => test(onString(passes), { cost });

/** Of a test that goes through a text of a pattern bit by bit. */
const costOfText = (text: string): number => 1 + (text.length >> 3);

/** What an element of a leaf's list accepts. Throws a `PatternError`. */
export const parseMatcher = (node: JsonNode, path: string): Matcher => {
  switch (node.kind) {
    case 'string':
      return parseText(node.value);
    case 'number':
      return { kind: 'value', value: numberOf(node.text) };
    case 'literal':
      return { kind: 'value', value: node.value };
    case 'array':
      throw new PatternError(path, 'a string, a number, true, false, null or an operator', 'an array in an array');
    case 'object':
      return parseOperator(node.members, path);
  }
};

const parseText = (text: string): Matcher => {
  const ip = canonicalIp(text);
  if (ip === undefined) return { kind: 'value', value: text };
  return textTest((other) => canonicalIp(other) === ip, IP_COST);
};

const onlyMember = (members: readonly JsonMember[], path: string, expected: string): JsonMember => {
  const [member] = members;
  if (member === undefined || members.length > 1) {
    throw new PatternError(path, expected, members.length === 0 ? 'an empty object' : `${members.length} operators`);
  }
  return member;
};

const parseOperator = (members: readonly JsonMember[], path: string): Matcher => {
  const { key, node } = onlyMember(members, path, 'an object with one operator');
  const parse = OPERATORS.get(key);
  if (parse === undefined) {
    throw new PatternError(
      path,
      `one of ${[...OPERATORS.keys()].join(', ')}`,
      `unknown operator ${JSON.stringify(key)}`,
    );
  }
  return parse(node, `${path}.${key}`);
};

const describe = (node: JsonNode): string => {
  if (node.kind === 'string') return `the string ${JSON.stringify(node.value.slice(0, 40))}`;
  if (node.kind === 'number') return `the number ${node.text.slice(0, 40)}`;
  if (node.kind === 'literal') return String(node.value);
  return `an ${node.kind}`;
};

const asString = (node: JsonNode, path: string, expected = 'a string'): string => {
  if (node.kind !== 'string') throw new PatternError(path, expected, describe(node));
  return node.value;
};

const parseExactly = (node: JsonNode, path: string): Matcher => {
  const text = asString(node, path);
  return { kind: 'value', value: text };
};

const parseIgnoreCase = (node: JsonNode, path: string): Matcher => {
  const written = asString(node, path);
  const folded = new CaseFolded(written);
  return textTest((text) => folded.equals(text), costOfText(written));
};

/** `prefix` and `suffix`: a string, or one without regard to case. */
const parseEdge =
  (plain: (text: string, edge: string) => boolean, folded: (text: string, edge: CaseFolded) => boolean) =>
  (node: JsonNode, path: string): Matcher => {
    const expected = 'a string or {"equals-ignore-case": a string}';
    if (node.kind !== 'object') {
      const edge = asString(node, path, expected);
      return textTest((text) => plain(text, edge));
    }
    const { key, node: inner } = onlyMember(node.members, path, expected);
    if (key !== 'equals-ignore-case') throw new PatternError(path, expected, `operator ${JSON.stringify(key)}`);
    const written = asString(inner, `${path}.${key}`);
    const edge = new CaseFolded(written);
    return textTest((text) => folded(text, edge), costOfText(written));
  };

const parsePrefix = (node: JsonNode, path: string): Matcher => {
  const matcher = parseEdge(
    (text, edge) => text.startsWith(edge),
    (text, edge) => edge.startsOf(text),
  )(node, path);
  return node.kind === 'string' && matcher.kind === 'test' ? { ...matcher, prefix: node.value } : matcher;
};

const wildcardTest = (text: string, path: string): Test => {
  const parts = parseWildcard(text);
  if (typeof parts === 'string') throw new PatternError(path, 'single stars, and only "\\*" and "\\\\" escaped', parts);
  return onString((other) => matchesWildcard(parts, other));
};

const parseWildcardOperator = (node: JsonNode, path: string): Matcher => {
  const text = asString(node, path);
  return test(wildcardTest(text, path), { cost: costOfText(text) });
};

const parseExists = (node: JsonNode, path: string): Matcher => {
  if (node.kind !== 'literal' || node.value === null) throw new PatternError(path, 'true or false', describe(node));
  return node.value ? test(() => true) : { kind: 'absent' };
};

const parseCidr = (node: JsonNode, path: string): Matcher => {
  const expected = 'an IPv4 network up to /31 or an IPv6 network up to /127';
  const text = asString(node, path, expected);
  const [address = '', mask = '', ...more] = text.split('/');
  const network = parseIp(address);
  if (network === undefined || more.length > 0 || !/^\d{1,3}$/.test(mask) || Number(mask) >= network.length * 8) {
    throw new PatternError(path, expected, describe(node));
  }
  const bits = Number(mask);
  return textTest((other) => {
    const bytes = parseIp(other);
    return bytes !== undefined && inNetwork(bytes, network, bits);
  }, IP_COST);
};

const NUMERIC =
  'an operator (=, <, <=, >, >=) and a number, or a lower bound (>, >=) and then a higher upper one (<, <=)';

const asBound = (node: JsonNode | undefined, path: string): number => {
  if (node?.kind !== 'number') throw new PatternError(path, NUMERIC, node === undefined ? 'no number' : describe(node));
  const value = numberOf(node.text);
  if (typeof value !== 'number') throw new PatternError(path, 'a number that a double holds exactly', describe(node));
  return value;
};

const COMPARE: ReadonlyMap<string, (value: number, bound: number) => boolean> = new Map([
  ['=', (value, bound) => value === bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
]);

const parseNumeric = (node: JsonNode, path: string): Matcher => {
  const terms = node.kind === 'array' ? node.elements : [];
  if (terms.length !== 2 && terms.length !== 4) {
    throw new PatternError(path, NUMERIC, node.kind === 'array' ? `${terms.length} terms` : describe(node));
  }
  const [first, firstBound] = parseComparison(terms, 0, path);
  if (terms.length === 2) return test((value) => typeof value === 'number' && first(value), { usesNumbers: true });
  const [second, secondBound] = parseComparison(terms, 2, path);
  const operators = [terms[0], terms[2]].map((one) => (one?.kind === 'string' ? one.value.charAt(0) : ''));
  if (operators.join('') !== '><' || operators.includes('='))
    throw new PatternError(path, NUMERIC, 'bounds in another order');
  if (firstBound >= secondBound)
    throw new PatternError(path, NUMERIC, `an empty range, ${firstBound} to ${secondBound}`);
  return test((value) => typeof value === 'number' && first(value) && second(value), { usesNumbers: true });
};

const parseComparison = (
  terms: readonly JsonNode[],
  at: number,
  path: string,
): [(value: number) => boolean, number] => {
  const operator = terms[at] as JsonNode;
  const compare = operator.kind === 'string' ? COMPARE.get(operator.value) : undefined;
  if (compare === undefined) throw new PatternError(`${path}[${at}]`, NUMERIC, describe(operator));
  const bound = asBound(terms[at + 1], `${path}[${at + 1}]`);
  return [(value) => compare(value, bound), bound];
};

const BUT = 'a string, a number, a list of strings or of numbers, or prefix, suffix, equals-ignore-case or wildcard';

const parseAnythingBut = (node: JsonNode, path: string): Matcher => {
  if (node.kind === 'object') return parseNothingOf(node.members, path);
  const nodes = node.kind === 'array' ? node.elements : [node];
  const kinds = new Set(nodes.map(({ kind }) => kind));
  if (kinds.size !== 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw new PatternError(
      path,
      BUT,
      node.kind === 'array' ? 'a list that is empty or of several kinds' : describe(node),
    );
  }
  const refused = new Set<Scalar>(nodes.map((one, i) => refusedValue(one, `${path}[${i}]`)));
  return test((value) => !refused.has(value), { usesNumbers: kinds.has('number') });
};

const refusedValue = (node: JsonNode, path: string): Scalar =>
  node.kind === 'string' ? node.value : asBound(node, path);

const nonEmpty = (text: string, path: string): string => {
  if (text === '') throw new PatternError(path, 'a string that is not empty', 'the string ""');
  return text;
};

/** What `anything-but` may refuse by: each makes a test of one string. */
const REFUSALS: ReadonlyMap<string, (text: string, path: string) => Test> = new Map<
  string,
  (text: string, path: string) => Test
>([
  ['prefix', (edge) => onString((text) => text.startsWith(edge))],
  ['suffix', (edge) => onString((text) => text.endsWith(edge))],
  [
    'equals-ignore-case',
    (text) => {
      const folded = new CaseFolded(text);
      return onString((other) => folded.equals(other));
    },
  ],
  ['wildcard', wildcardTest],
]);

const parseNothingOf = (members: readonly JsonMember[], path: string): Matcher => {
  const { key, node } = onlyMember(members, path, BUT);
  const refusal = REFUSALS.get(key);
  if (refusal === undefined) throw new PatternError(path, BUT, `operator ${JSON.stringify(key)}`);
  const at = `${path}.${key}`;
  const nodes = node.kind === 'array' ? node.elements : [node];
  if (nodes.length === 0) throw new PatternError(at, 'a string or a list of strings', 'an empty list');
  const texts = nodes.map((one) => asString(one, at, 'a string or a list of strings'));
  const tests = texts.map((text) => refusal(key.endsWith('fix') ? nonEmpty(text, at) : text, at));
  const cost = texts.reduce((sum, text) => sum + costOfText(text), 0);
  return test((value) => !tests.some((refuses) => refuses(value)), { cost });
};

const OPERATORS: ReadonlyMap<string, (node: JsonNode, path: string) => Matcher> = new Map([
  ['prefix', parsePrefix],
  [
    'suffix',
    parseEdge(
      (text, edge) => text.endsWith(edge),
      (text, edge) => edge.endsOf(text),
    ),
  ],
  ['equals-ignore-case', parseIgnoreCase],
  ['exactly', parseExactly],
  ['wildcard', parseWildcardOperator],
  ['anything-but', parseAnythingBut],
  ['numeric', parseNumeric],
  ['exists', parseExists],
  ['cidr', parseCidr],
]);
