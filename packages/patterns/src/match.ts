import { EventFields, type Found, type Place } from './event-fields.js';
import type { Leaf } from './leaf.js';
import type { Pattern } from './parse-pattern.js';

/**
 * Whether an event matches: JSON text, or a parsed object. Text is exact about numbers that a double does not hold.
 * Throws a `SyntaxError` if text is no JSON, a `TypeError` if the event is no object.
 */
export const matches = (pattern: Pattern, event: string | object): boolean => {
  const fields = new EventFields(event, pattern.usesNumbers);
  return pattern.alternatives.some((leaves) => matchesAll(leaves, fields));
};

/** Whether all leaves match, no two of them in different elements of one array. */
export const matchesAll = (leaves: readonly Leaf[], fields: EventFields): boolean => {
  let hasPlaces = false;
  for (const leaf of leaves) {
    const found = fields.at(leaf.path, leaf.steps);
    if (!found.some(({ value }) => leaf.accepts(value)) && !leaf.acceptsAbsence) return false;
    hasPlaces ||= found.some(({ place }) => place !== undefined);
  }
  if (hasPlaces) return new PlaceSearch(leaves, fields).from(0, []);
  return leaves.every((leaf) => acceptsAny(leaf, fields.at(leaf.path, leaf.steps)));
};

const acceptsAny = (leaf: Leaf, found: readonly Found[]): boolean =>
  found.length === 0 ? leaf.acceptsAbsence : found.some(({ value }) => leaf.accepts(value));

/** Elements that were chosen, at most one of each array. */
type Places = readonly Place[];

/** Looks for a choice of array elements that all leaves agree on, leaf by leaf; what has failed is not tried again. */
class PlaceSearch {
  private readonly failed = new Set<string>();

  constructor(
    private readonly leaves: readonly Leaf[],
    private readonly fields: EventFields,
  ) {}

  from(i: number, chosen: Places): boolean {
    const leaf = this.leaves[i];
    if (leaf === undefined) return true;
    const relevant = chosen.filter(({ path }) => this.concernsLater(path, i));
    const state = `${i}:${relevant
      .map(({ id }) => id)
      .sort()
      .join()}`;
    if (this.failed.has(state)) return false;
    if (this.passes(leaf, i, relevant)) return true;
    this.failed.add(state);
    return false;
  }

  private passes(leaf: Leaf, i: number, chosen: Places): boolean {
    const found = this.fields.at(leaf.path, leaf.steps);
    if (
      leaf.acceptsAbsence &&
      !found.some(({ place }) => join(chosen, place) !== undefined) &&
      this.from(i + 1, chosen)
    ) {
      return true;
    }
    for (const { value, place } of found) {
      const joined = join(chosen, place);
      if (joined !== undefined && leaf.accepts(value) && this.from(i + 1, joined)) return true;
    }
    return false;
  }

  /** An array binds only fields below it: what no later leaf looks into is forgotten, or choices would multiply. */
  private concernsLater(path: string, i: number): boolean {
    for (let later = i; later < this.leaves.length; later += 1) {
      const other = (this.leaves[later] as Leaf).path;
      if (other === path || other.startsWith(`${path}.`)) return true;
    }
    return false;
  }
}

/** The choice with a value's own places added; undefined if they are in another element of the same array. */
const join = (chosen: Places, place: Place | undefined): Places | undefined => {
  let joined = chosen;
  for (let one = place; one !== undefined; one = one.outer) {
    const { array, index } = one;
    const same = chosen.find((other) => other.array === array);
    if (same === undefined) joined = [...joined, one];
    else if (same.index !== index) return undefined;
  }
  return joined;
};
