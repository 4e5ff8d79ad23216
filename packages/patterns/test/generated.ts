import fc from 'fast-check';
import { PatternError, parsePattern } from '../src/index.js';

const NAMES = ['a', 'b', 'c', 'a.b', 'b.c', 'a!', '__proto__'];
const VALUES = [1, 2, 'x', 'xy', null, true];

const operator = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...VALUES) },
  fc.constantFrom<unknown>(
    { exists: true },
    { exists: false },
    { prefix: 'x' },
    { 'anything-but': ['x', 'y'] },
    { numeric: ['>', 1] },
    { wildcard: '*y' },
  ),
);
const leaf = fc.array(operator, { minLength: 1, maxLength: 2 }).map((list) => JSON.stringify(list));

/** JSON texts with `$or`s, names with dots, and names that are there twice. */
const { pattern } = fc.letrec<{ pattern: string; member: string }>((tie) => ({
  member: fc.oneof(
    { maxDepth: 2 },
    fc.tuple(fc.constantFrom(...NAMES), leaf).map(([name, text]) => `${JSON.stringify(name)}:${text}`),
    fc.tuple(fc.constantFrom(...NAMES), tie('pattern')).map(([name, text]) => `${JSON.stringify(name)}:${text}`),
    fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((choices) => `"$or":[${choices.join()}]`),
  ),
  pattern: fc.array(tie('member'), { minLength: 1, maxLength: 3 }).map((members) => `{${members.join()}}`),
}));

/** What the plain reference is through with in time. */
const isSmall = (text: string): boolean => {
  try {
    return parsePattern(text).size <= 40;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
};
export const patternText = pattern.filter(isSmall);

/** Events in which arrays, and arrays in arrays, hold what the patterns look for. */
export const { event } = fc.letrec<{ event: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(...VALUES),
    tie('event'),
    fc.array(tie('event'), { maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  event: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 3 })
    .map((members) => Object.fromEntries(members) as Record<string, unknown>),
}));
