import { type JsonMember, type JsonNode, parseNode } from '@millrace/json';
import { type Alternatives, alternativesOf, type Formula } from './alternatives.js';
import { Leaf } from './leaf.js';
import { parseMatcher } from './operators.js';
import { PatternError } from './pattern-error.js';

/** A compiled pattern; an event matches if all leaves of one alternative do. It never changes. */
export interface Pattern {
  /** The JSON text that it was made from. */
  readonly text: string;
  /** One for each way through its `$or`s; leaves sorted by path, the order in which event-ruler tries them. */
  readonly alternatives: readonly (readonly Leaf[])[];
  /** Leaves of all alternatives together. */
  readonly size: number;
  /** Some leaf may see a difference between a number's text and its double. */
  readonly usesNumbers: boolean;
}

/** An event is read by recursion along a path. */
const MOST_STEPS = 512;

/** Names that event-ruler keeps to itself inside `$or`. */
const RESERVED = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr'],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
]);

/**
 * Compiles an event pattern: the EventBridge language with event-ruler's semantics. Takes JSON text, because objects
 * lose duplicate keys and long numbers. Throws a `PatternError`.
 */
export const parsePattern = (text: string): Pattern => {
  const root = readJson(text);
  if (root.kind !== 'object') throw new PatternError('', 'a JSON object', `an event pattern that is ${root.kind}`);
  const alternatives = alternativesOf(objectOf(root.members, '', '', false), '').map(lastOfEachPath);
  return patternOf(text, alternatives);
};

/** A pattern of its alternatives. */
export const patternOf = (text: string, alternatives: Alternatives): Pattern => ({
  text,
  alternatives,
  size: alternatives.reduce((sum, { length }) => sum + length, 0),
  usesNumbers: alternatives.some((leaves) => leaves.some((leaf) => leaf.usesNumbers)),
});

const readJson = (text: string): JsonNode => {
  try {
    return parseNode(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new PatternError('', 'valid JSON', error.message);
    throw error;
  }
};

/** A path that is there again replaces what was there. By path. */
const lastOfEachPath = (leaves: readonly Leaf[]): readonly Leaf[] =>
  [...new Map(leaves.map((leaf) => [leaf.path, leaf])).values()].sort((a, b) => (a.path < b.path ? -1 : 1));

const objectOf = (members: readonly JsonMember[], prefix: string, at: string, isInOr: boolean): Formula => {
  if (members.length === 0) throw new PatternError(at, 'at least one field', 'an empty object');
  return { all: members.map((member) => memberOf(member, prefix, at, isInOr)) };
};

const memberOf = ({ key, node }: JsonMember, prefix: string, at: string, isInOr: boolean): Formula => {
  const where = at === '' ? key : `${at}.${key}`;
  if (key === '$or') return choiceOf(node, prefix, where);
  if (isInOr && RESERVED.has(key))
    throw new PatternError(where, 'a field', `${JSON.stringify(key)}, a name reserved in $or`);
  const path = `${prefix}${key}`;
  if (node.kind === 'object') return objectOf(node.members, `${path}.`, where, isInOr);
  if (node.kind !== 'array') throw new PatternError(where, 'an object, or a list of what it accepts', `a ${node.kind}`);
  return leafOf(path, node.elements, where);
};

const leafOf = (path: string, elements: readonly JsonNode[], where: string): Leaf => {
  if (elements.length === 0) throw new PatternError(where, 'at least one value or operator', 'an empty list');
  const matchers = elements.map((element, i) => parseMatcher(element, `${where}[${i}]`));
  const leaf = new Leaf(path, `[${elements.map(write).join(',')}]`, matchers);
  if (leaf.keys.length <= MOST_STEPS) return leaf;
  throw new PatternError(where, `a path of at most ${MOST_STEPS} steps between dots`, `one of ${leaf.keys.length}`);
};

const choiceOf = (node: JsonNode, prefix: string, where: string): Formula => {
  const choices = node.kind === 'array' ? node.elements : [];
  if (choices.length < 2) throw new PatternError(where, 'a list of two or more objects', `${choices.length} of them`);
  return {
    any: choices.map((choice, i) => {
      if (choice.kind !== 'object') throw new PatternError(`${where}[${i}]`, 'an object', `a ${choice.kind}`);
      return objectOf(choice.members, prefix, `${where}[${i}]`, true);
    }),
  };
};

const write = (node: JsonNode): string => {
  switch (node.kind) {
    case 'object':
      return `{${node.members.map(({ key, node: inner }) => `${JSON.stringify(key)}:${write(inner)}`).join(',')}}`;
    case 'array':
      return `[${node.elements.map(write).join(',')}]`;
    case 'number':
      return node.text;
    default:
      return JSON.stringify(node.value);
  }
};
