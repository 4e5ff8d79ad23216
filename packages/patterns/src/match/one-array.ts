import type { Leaf } from '../language/leaf.js';
import type { EventFields } from './event-fields.js';
import type { Parts } from './parts.js';

/** The array that all leaves have their values in; undefined where they have them in several, or in arrays within it. */
export const sharedArray = (leaves: readonly Leaf[], fields: EventFields): readonly unknown[] | undefined => {
  const { array } = fields.at(leaves[0] as Leaf);
  return leaves.every((leaf) => fields.at(leaf).array === array) ? array : undefined;
};

/** What a leaf finds in an element: nothing, values of which it accepts none, or one that it accepts. */
enum Has {
  Nothing,
  Value,
  Accepted,
}

/** Of an element while the leaves are gone through in order. */
enum Fits {
  /** No leaf before needs it. */
  Unbound,
  /** One has its value in it. */
  Bound,
  No,
}

/**
 * Whether one element of the array has what all leaves accept: what `PlaceSearch` finds, in time that grows as the elements and
 * values. As there, what is absent is absent from an element that a leaf before has chosen.
 */
export function* matchesInArray(
  leaves: readonly Leaf[],
  array: readonly unknown[],
  fields: EventFields,
): Parts<boolean> {
  const fits = new Uint8Array(array.length);
  const has = new Uint8Array(array.length);
  /** All leaves so far have an accepted value outside of the array. */
  let needsNone = true;
  for (const leaf of leaves) {
    const { found, allHavePlaces } = fields.at(leaf);
    fields.steps.take(array.length + found.length);
    yield;
    has.fill(Has.Nothing);
    let isAcceptedOutside = false;
    for (const { value, place } of found) {
      const isAccepted = fields.acceptsValue(leaf, value);
      if (place === undefined) isAcceptedOutside ||= isAccepted;
      else if (isAccepted) has[place.index] = Has.Accepted;
      else if (has[place.index] === Has.Nothing) has[place.index] = Has.Value;
    }
    needsNone &&= isAcceptedOutside;
    const mayBeAbsent = leaf.acceptsAbsence && allHavePlaces;
    for (let n = 0; n < fits.length; n += 1) {
      if (has[n] === Has.Accepted) fits[n] = fits[n] === Fits.No ? Fits.No : Fits.Bound;
      else if (!(isAcceptedOutside || (mayBeAbsent && fits[n] === Fits.Bound && has[n] === Has.Nothing)))
        fits[n] = Fits.No;
    }
  }
  return needsNone || fits.includes(Fits.Bound);
}
