import { ExactNumber } from '@millrace/json';
import { EventFields } from './event-fields.js';
import { matchesAll } from './match.js';
import type { Pattern } from './parse-pattern.js';

/** What one leaf of a pattern saw. */
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
  readonly alternatives: readonly AlternativeVerdict[];
}

const SHOWN = 20;

/** Which leaf passed or failed, and what it saw. Throws as `matches` does. */
export const explain = (pattern: Pattern, event: string | object): Explanation => {
  const fields = new EventFields(event, pattern.usesNumbers);
  const alternatives = pattern.alternatives.map((leaves): AlternativeVerdict => {
    const verdicts = leaves.map((leaf): LeafVerdict => {
      const found = fields.at(leaf.path, leaf.steps);
      const passed = found.length === 0 ? leaf.acceptsAbsence : found.some(({ value }) => leaf.accepts(value));
      const seen = found.slice(0, SHOWN).map(({ value }) => (value instanceof ExactNumber ? value.text : value));
      return { path: leaf.path, accepts: leaf.written, passed, seen };
    });
    const matched = matchesAll(leaves, fields);
    return { matched, leaves: verdicts, inDifferentElements: !matched && verdicts.every(({ passed }) => passed) };
  });
  return { matched: alternatives.some(({ matched }) => matched), alternatives };
};
