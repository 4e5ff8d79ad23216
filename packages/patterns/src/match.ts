import { EventFields } from './event-fields.js';
import type { Leaf } from './leaf.js';
import { matchesInArray, sharedArray } from './one-array.js';
import type { Pattern } from './parse-pattern.js';
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

/** What patterns read of an event; each takes what it needs of its steps. */
export const fieldsOf = (pattern: Pattern, event: string | object | EventFields, steps?: Steps): EventFields =>
  event instanceof EventFields
    ? event
    : new EventFields(event, pattern.usesNumbers, steps ?? Steps.for(event, pattern.size));

/** Whether all leaves match, no two of them in different elements of one array. */
export const matchesAll = (leaves: readonly Leaf[], fields: EventFields): boolean => {
  let bound: Leaf[] | undefined;
  let areAccepted = true;
  for (const leaf of leaves) {
    const { hasPlaces, allHavePlaces } = fields.at(leaf);
    const isAccepted = fields.accepts(leaf);
    if (!isAccepted && !(leaf.acceptsAbsence && allHavePlaces)) return false;
    if (!hasPlaces) continue;
    areAccepted &&= isAccepted;
    if (bound === undefined) bound = [leaf];
    else bound.push(leaf);
  }
  if (bound === undefined) return true;
  // One alone has all elements to choose from, so it is not absent.
  if (bound.length === 1) return areAccepted;
  const array = sharedArray(bound, fields);
  return array === undefined ? new PlaceSearch(bound, fields).succeeds() : matchesInArray(bound, array, fields);
};
