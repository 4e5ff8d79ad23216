import { writeJson } from '@millrace/json';
import { alternativesOf, type Formula } from './alternatives.js';
import type { Leaf } from './leaf.js';
import { type Pattern, parsePattern, patternOf } from './parse-pattern.js';
import { PatternError } from './pattern-error.js';

const MOST_DEPTH = 32;
const ATTRIBUTE = /^[a-z0-9]+$/;

/** What each dialect accepts of an attribute, as an operator of a pattern, and what its opposite does. */
const OPERATORS: ReadonlyMap<string, (value: string) => object> = new Map<string, (value: string) => object>([
  ['exact', (value) => ({ exactly: value })],
  ['prefix', (value) => ({ prefix: value })],
  ['suffix', (value) => ({ suffix: value })],
]);

/**
 * Compiles filters of the CloudEvents Subscriptions API, https://github.com/cloudevents/spec (subscriptions, section
 * 3.2.4): `exact`, `prefix`, `suffix`, `all`, `any` and `not`, over attributes. Of a list, all have to pass. Throws a
 * `PatternError`.
 */
export const parseFilters = (filters: unknown): Pattern => {
  const list = Array.isArray(filters) ? filters : [filters];
  if (list.length === 0) throw new PatternError('filters', 'at least one filter', 'an empty list');
  const all = list.map((filter, i) => lower(filter, false, Array.isArray(filters) ? `filters[${i}]` : 'filters', 0));
  const alternatives = alternativesOf({ all }, 'filters');
  return patternOf(
    writeJson({ filters }),
    alternatives.map((leaves) => [...leaves].sort((a, b) => (a.path < b.path ? -1 : 1))),
  );
};

/** A filter, or its opposite. */
const lower = (filter: unknown, isOpposite: boolean, at: string, depth: number): Formula => {
  if (depth > MOST_DEPTH) throw new PatternError(at, `filters nested at most ${MOST_DEPTH} deep`, 'more');
  const [dialect, value] = onlyMember(filter, at);
  const where = `${at}.${dialect}`;
  if (dialect === 'not') return lower(value, !isOpposite, where, depth + 1);
  if (dialect === 'all' || dialect === 'any') {
    if (!Array.isArray(value) || value.length === 0) {
      throw new PatternError(where, 'a list of one or more filters', show(value));
    }
    const each = value.map((one, i) => lower(one, isOpposite, `${where}[${i}]`, depth + 1));
    return (dialect === 'all') === isOpposite ? { any: each } : { all: each };
  }
  const operator = OPERATORS.get(dialect);
  if (operator === undefined) {
    throw new PatternError(at, 'one of exact, prefix, suffix, all, any, not', writeJson(dialect));
  }
  const leaves = attributesOf(value, where).map(([name, text]) => leafOf(name, operator(text), isOpposite));
  return isOpposite ? { any: leaves } : { all: leaves };
};

const onlyMember = (filter: unknown, at: string): [string, unknown] => {
  const members = typeof filter === 'object' && filter !== null && !Array.isArray(filter) ? Object.entries(filter) : [];
  const [member] = members;
  if (member === undefined || members.length > 1) {
    throw new PatternError(at, 'an object with one dialect', members.length === 0 ? show(filter) : `${members.length}`);
  }
  return member;
};

const attributesOf = (value: unknown, at: string): [string, string][] => {
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (members.length === 0) throw new PatternError(at, 'an object of attributes and texts', show(value));
  return members.map(([name, text]) => {
    if (!ATTRIBUTE.test(name)) throw new PatternError(at, 'attribute names of a-z and 0-9', writeJson(name));
    if (typeof text !== 'string' || text === '') throw new PatternError(`${at}.${name}`, 'a text', show(text));
    return [name, text];
  });
};

/** What an attribute has to be, or must not be: then it may be missing too. */
const leafOf = (name: string, operator: object, isOpposite: boolean): Leaf => {
  const [[kind, value]] = Object.entries(operator) as [[string, string]];
  const opposite = [{ 'anything-but': kind === 'exactly' ? value : operator }, { exists: false }];
  const pattern = parsePattern(writeJson({ [name]: isOpposite ? opposite : [operator] }));
  return pattern.alternatives[0]?.[0] as Leaf;
};

const show = (value: unknown): string => (writeJson(value) ?? 'nothing').slice(0, 100);
