import { type JsonMember, type JsonNode, parseNode } from '@millrace/json';
import { Leaf } from './leaf.js';
import { parseMatcher } from './operators.js';
import { PatternError } from './pattern-error.js';

/** A compiled pattern; an event matches if all leaves of one alternative do. It never changes. */
export interface Pattern {
  /** The JSON text that it was made from. */
  readonly text: string;
  /** One for each way through its `$or`s; leaves sorted by path, the order in which event-ruler tries them. */
  readonly alternatives: readonly (readonly Leaf[])[];
  /** Some leaf may see a difference between a number's text and its double. */
  readonly usesNumbers: boolean;
}

const MAX_ALTERNATIVES = 4096;

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
  const alternatives = addObject([], root.members, '', '', false).map((fields) =>
    [...fields.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
  return { text, alternatives, usesNumbers: alternatives.some((leaves) => leaves.some((leaf) => leaf.usesNumbers)) };
};

const readJson = (text: string): JsonNode => {
  try {
    return parseNode(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new PatternError('', 'valid JSON', error.message);
    throw error;
  }
};

/** Leaves by path; a path that is there again replaces what was there, so the last one wins. */
type Fields = ReadonlyMap<string, Leaf>;

/** Adds an object's fields to every alternative, in the order in which they are written. */
const addObject = (
  alternatives: readonly Fields[],
  members: readonly JsonMember[],
  prefix: string,
  at: string,
  isInOr: boolean,
): readonly Fields[] => {
  if (members.length === 0) throw new PatternError(at, 'at least one field', 'an empty object');
  let result = alternatives;
  for (const { key, node } of members) result = addMember(result, key, node, prefix, at, isInOr);
  return result;
};

const addMember = (
  alternatives: readonly Fields[],
  key: string,
  node: JsonNode,
  prefix: string,
  at: string,
  isInOr: boolean,
): readonly Fields[] => {
  const where = at === '' ? key : `${at}.${key}`;
  if (key === '$or') return addOr(alternatives, node, prefix, where);
  if (isInOr && RESERVED.has(key))
    throw new PatternError(where, 'a field', `${JSON.stringify(key)}, a name reserved in $or`);
  const path = `${prefix}${key}`;
  if (node.kind === 'object') return addObject(alternatives, node.members, `${path}.`, where, isInOr);
  if (node.kind !== 'array') throw new PatternError(where, 'an object, or a list of what it accepts', `a ${node.kind}`);
  const leaf = parseLeaf(path, node.elements, where);
  const started = alternatives.length === 0 ? [new Map<string, Leaf>()] : alternatives;
  return started.map((fields) => new Map(fields).set(path, leaf));
};

const parseLeaf = (path: string, elements: readonly JsonNode[], where: string): Leaf => {
  if (elements.length === 0) throw new PatternError(where, 'at least one value or operator', 'an empty list');
  const matchers = elements.map((element, i) => parseMatcher(element, `${where}[${i}]`));
  return new Leaf(path, `[${elements.map(write).join(',')}]`, matchers);
};

const addOr = (alternatives: readonly Fields[], node: JsonNode, prefix: string, where: string): readonly Fields[] => {
  const choices = node.kind === 'array' ? node.elements : [];
  if (choices.length < 2) throw new PatternError(where, 'a list of two or more objects', `${choices.length} of them`);
  if (choices.length * Math.max(1, alternatives.length) > MAX_ALTERNATIVES) {
    throw new PatternError(where, `at most ${MAX_ALTERNATIVES} alternatives in all`, 'more');
  }
  const all = choices.flatMap((choice, i) => {
    if (choice.kind !== 'object') throw new PatternError(`${where}[${i}]`, 'an object', `a ${choice.kind}`);
    return addObject(alternatives, choice.members, prefix, `${where}[${i}]`, true);
  });
  if (all.length > MAX_ALTERNATIVES)
    throw new PatternError(where, `at most ${MAX_ALTERNATIVES} alternatives in all`, 'more');
  return all;
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
