import type { Leaf } from '../language/leaf.js';
import type { Pattern } from '../language/parse-pattern.js';
import { EventFields } from './event-fields.js';
import { matchesInArray, sharedArray } from './one-array.js';
import { atOnce, type Parts } from './parts.js';
import { PlaceSearch } from './place-search.js';
import { Steps } from './steps.js';

/**
 * Whether an event matches: JSON text, a parsed object, or `EventFields` that many patterns share, with the steps that they have. Text is exact about numbers that a double does not hold. Of the
 * steps given, else of those of the event and the pattern, it takes what it needs.
 * Throws a `SyntaxError` if text is no JSON, a `TypeError` if the event is no object, a `StepLimitError` if steps run out.
 */
export const matches = (pattern: Pattern, event: string | object | EventFields, steps?: Steps): boolean => {
  const fields = fieldsOf(pattern, event, steps);
  return pattern.alternatives.some((leaves) => matchesAll(leaves, fields));
};

/** The same in parts, for an event that is large. */
export function* matchesInParts(pattern: Pattern, event: string | object | EventFields, steps?: Steps): Parts<boolean> {
  const fields = fieldsOf(pattern, event, steps);
  for (const leaves of pattern.alternatives) {
    if (yield* matchesAllInParts(leaves, fields)) return true;
  }
  return false;
}

/** What patterns read of an event; each takes what it needs of its steps. */
export const fieldsOf = (pattern: Pattern, event: string | object | EventFields, steps?: Steps): EventFields =>
  event instanceof EventFields
    ? event
    : new EventFields(event, pattern.usesNumbers, steps ?? Steps.for(event, pattern.size));

/** Whether all leaves match, no two of them in different elements of one array. */
export const matchesAll = (leaves: readonly Leaf[], fields: EventFields): boolean => {
  let bound: Leaf[] | undefined;
  for (const leaf of leaves) {
    if (!mayMatch(leaf, fields)) return false;
    if (!fields.at(leaf).hasPlaces) continue;
    if (bound === undefined) bound = [leaf];
    else bound.push(leaf);
  }
  return bound === undefined ? true : atOnce(agree(bound, fields));
};

/** The same in parts, for an event that is large. */
export function* matchesAllInParts(leaves: readonly Leaf[], fields: EventFields): Parts<boolean> {
  const bound: Leaf[] = [];
  for (const leaf of leaves) {
    fields.at(leaf);
    yield;
    if (!mayMatch(leaf, fields)) return false;
    if (fields.at(leaf).hasPlaces) bound.push(leaf);
  }
  return bound.length === 0 ? true : yield* agree(bound, fields);
}

const mayMatch = (leaf: Leaf, fields: EventFields): boolean =>
  fields.accepts(leaf) || (leaf.acceptsAbsence && fields.at(leaf).allHavePlaces);

/** Whether leaves that may match, with values in elements of arrays, do so in the same ones. */
function* agree(bound: readonly Leaf[], fields: EventFields): Parts<boolean> {
  // One alone has all elements to choose from, so it is not absent.
  if (bound.length === 1) return fields.accepts(bound[0] as Leaf);
  const array = sharedArray(bound, fields);
  return yield* array === undefined ? new PlaceSearch(bound, fields).succeeds() : matchesInArray(bound, array, fields);
}
