import { ExactNumber } from '@millrace/json';
import type { Leaf } from '../language/leaf.js';
import type { Scalar } from '../language/operators.js';
import type { Pattern } from '../language/parse-pattern.js';
import type { EventFields } from './event-fields.js';
import { fieldsOf, matchesAllInParts } from './match.js';
import { atOnce, type Parts } from './parts.js';

/** What one leaf of a pattern saw. Texts are cut where they are longer than 500 characters. */
export interface LeafVerdict {
  readonly path: string;
  /** What it accepts, as it is written: `[{"numeric":[">",100]}]`. */
  readonly accepts: string;
  readonly passed: boolean;
  /** Scalars at the path, none if it is absent; numbers that a double does not hold as their text. At most 20. */
  readonly seen: readonly (string | number | boolean | null)[];
}

/** One alternative of a pattern: without `$or` there is one. */
export interface AlternativeVerdict {
  readonly matched: boolean;
  readonly leaves: readonly LeafVerdict[];
  /** Every leaf passes, but only in different elements of one array. */
  readonly inDifferentElements: boolean;
}

/** Why an event matches a pattern, or does not. */
export interface Explanation {
  readonly matched: boolean;
  /** At most so many that they have 200 leaves together, those that matched first. */
  readonly alternatives: readonly AlternativeVerdict[];
  /** How many alternatives are left out, where any are. */
  readonly leftOut?: number;
}

const SHOWN = 20;
const MOST_LEAVES = 200;
const LONGEST = 500;

/**
 * Which leaf passed or failed, and what it saw. Takes steps, and throws, as `matches` does. Many patterns read an event once if
 * they are given its `EventFields`.
 */
export const explain = (pattern: Pattern, event: string | object | EventFields): Explanation =>
  atOnce(explainInParts(pattern, event));

/** The same in parts, for an event that is large. */
export function* explainInParts(pattern: Pattern, event: string | object | EventFields): Parts<Explanation> {
  const fields = fieldsOf(pattern, event);
  const matched = new Set<readonly Leaf[]>();
  for (const leaves of pattern.alternatives) {
    if (yield* matchesAllInParts(leaves, fields)) matched.add(leaves);
  }
  const others = pattern.alternatives.filter((leaves) => !matched.has(leaves));
  const told = beginningOf([...matched, ...others]);
  const leftOut = pattern.alternatives.length - told.length;
  const alternatives: AlternativeVerdict[] = [];
  for (const leaves of told) alternatives.push(yield* verdictOf(leaves, matched.has(leaves), fields));
  return { matched: matched.size > 0, alternatives, ...(leftOut === 0 ? {} : { leftOut }) };
}

/** The first, and as many more as have no more than the most leaves with it. */
const beginningOf = (alternatives: Pattern['alternatives']): Pattern['alternatives'] => {
  let leaves = 0;
  const end = alternatives.findIndex(({ length }, i) => {
    leaves += length;
    return i > 0 && leaves > MOST_LEAVES;
  });
  return end < 0 ? alternatives : alternatives.slice(0, end);
};

function* verdictOf(leaves: readonly Leaf[], matched: boolean, fields: EventFields): Parts<AlternativeVerdict> {
  const verdicts: LeafVerdict[] = [];
  for (const leaf of leaves) {
    const { found } = fields.at(leaf);
    yield;
    const passed = found.length === 0 ? leaf.acceptsAbsence : fields.accepts(leaf);
    const seen = found.slice(0, SHOWN).map(({ value }) => shown(value));
    verdicts.push({ path: leaf.path, accepts: cut(leaf.written), passed, seen });
    yield;
  }
  return { matched, leaves: verdicts, inDifferentElements: !matched && verdicts.every(({ passed }) => passed) };
}

const shown = (value: Scalar): string | number | boolean | null => {
  if (value instanceof ExactNumber) return cut(value.text);
  return typeof value === 'string' ? cut(value) : value;
};

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
