import { ExactNumber, parseJson } from '@millrace/json';
import type { Leaf } from '../language/leaf.js';
import type { Scalar } from '../language/operators.js';
import type { PathKeys } from '../language/path-keys.js';
import type { Place } from './place.js';
import { PlaceTree } from './place-tree.js';
import type { Steps } from './steps.js';

/** A scalar found at a path, and in which elements of which arrays. */
export interface Found {
  readonly value: Scalar;
  readonly place: Place | undefined;
}

/** All scalars at a path. */
export interface Values {
  readonly found: readonly Found[];
  /** Some are in elements of arrays. */
  readonly hasPlaces: boolean;
  /** Each is in an element, so all may be in others than those that were chosen. */
  readonly allHavePlaces: boolean;
  /** The array that those are in, each in an element itself; undefined where they are in several, or in arrays within it. */
  readonly array: readonly unknown[] | undefined;
}

/** Arrays in arrays; what is deeper is not seen. The gateway takes 128 levels. */
const MAX_NESTING = 512;

/** Of an element that is noted, and of a value that is put under it. */
const PLACE_COST = 3;

/** A test of so few steps is made again rather than remembered. */
const FEW = 4;

/** Reads fields of one event by path, each once. JSON text is parsed when the first is asked for. */
export class EventFields {
  private readonly known = new Map<string, Values>();
  private accepted: Map<Leaf, boolean> | undefined;
  private trees: Map<Leaf, PlaceTree> | undefined;
  private places: Map<readonly unknown[], Place[]> | undefined;
  private root: object | undefined;
  private count = 0;

  constructor(
    private readonly event: string | object,
    private readonly keepsNumbers: boolean,
    /** Whatever is done with the event takes of them. */
    readonly steps: Steps,
  ) {}

  /** Scalars at a leaf's path. Throws what `matches` throws. */
  at({ path, keys }: Leaf): Values {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    const found: Found[] = [];
    this.root ??= readEvent(this.event, this.keepsNumbers);
    this.intoObject(this.root, keys, 0, undefined, found, 0);
    const values = valuesOf(found);
    this.known.set(path, values);
    return values;
  }

  /** Whether a leaf accepts any of the values at its path. */
  accepts(leaf: Leaf): boolean {
    const { found } = this.at(leaf);
    this.steps.take(1);
    if (found.length * leaf.cost <= FEW) return this.acceptsAny(leaf, found);
    this.accepted ??= new Map();
    const known = this.accepted.get(leaf);
    if (known !== undefined) return known;
    const accepted = this.acceptsAny(leaf, found);
    this.accepted.set(leaf, accepted);
    return accepted;
  }

  /** Whether a leaf accepts a value, at the price of the test. */
  acceptsValue(leaf: Leaf, value: Scalar): boolean {
    this.steps.take(leaf.costOf(value));
    return leaf.accepts(value);
  }

  /**
   * Where the values that a leaf accepts are, and the others too where it accepts absence; alternatives that have the leaf in
   * common share it.
   */
  treeOf(leaf: Leaf): PlaceTree {
    this.trees ??= new Map();
    const known = this.trees.get(leaf);
    if (known !== undefined) return known;
    const tree = new PlaceTree();
    for (const { value, place } of this.at(leaf).found) {
      const isAccepted = this.acceptsValue(leaf, value);
      if (!isAccepted && !leaf.acceptsAbsence) continue;
      this.steps.take(PLACE_COST);
      tree.add(place, isAccepted);
    }
    this.trees.set(leaf, tree);
    return tree;
  }

  private acceptsAny(leaf: Leaf, found: readonly Found[]): boolean {
    for (const { value } of found) if (this.acceptsValue(leaf, value)) return true;
    return false;
  }

  private intoObject(
    object: object,
    path: PathKeys,
    from: number,
    place: Place | undefined,
    found: Found[],
    nesting: number,
  ): void {
    this.steps.take(path.costFrom(from));
    const keys = path.from(from);
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i] as string;
      if (!Object.hasOwn(object, key)) continue;
      this.intoValue((object as Record<string, unknown>)[key], path, from + i + 1, place, found, nesting);
    }
  }

  private intoValue(
    value: unknown,
    path: PathKeys,
    from: number,
    place: Place | undefined,
    found: Found[],
    nesting: number,
  ): void {
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) {
      if (from === path.length && value !== undefined) found.push({ value: value as Scalar, place });
    } else if (Array.isArray(value)) this.intoArray(value as unknown[], path, from, place, found, nesting);
    else if (from < path.length) this.intoObject(value, path, from, place, found, nesting);
  }

  private intoArray(
    array: readonly unknown[],
    path: PathKeys,
    from: number,
    place: Place | undefined,
    found: Found[],
    nesting: number,
  ): void {
    if (nesting > MAX_NESTING) return;
    this.steps.take(array.length);
    const upTo = path.upTo(from);
    for (let i = 0; i < array.length; i += 1) {
      const element = array[i];
      // As in event-ruler, a scalar element does not bind its array: other fields have no part in it.
      const isScalar = typeof element !== 'object' || element === null;
      if (isScalar && from < path.length) continue;
      const inner = isScalar ? place : this.placeOf(array, i, place, upTo);
      this.intoValue(element, path, from, inner, found, nesting + 1);
    }
  }

  private placeOf(array: readonly unknown[], index: number, outer: Place | undefined, path: string): Place {
    this.places ??= new Map();
    this.steps.take(PLACE_COST);
    const places = this.places.get(array) ?? [];
    if (places.length === 0) this.places.set(array, places);
    places[index] ??= { id: this.count++, array, index, outer, path };
    return places[index];
  }
}

const valuesOf = (found: readonly Found[]): Values => {
  let hasPlaces = false;
  let allHavePlaces = true;
  let array: readonly unknown[] | undefined;
  let isOne = true;
  for (const { place } of found) {
    if (place === undefined) {
      allHavePlaces = false;
      continue;
    }
    hasPlaces = true;
    array ??= place.array;
    isOne &&= place.outer === undefined && place.array === array;
  }
  return { found, hasPlaces, allHavePlaces, array: isOne ? array : undefined };
};

const readEvent = (event: string | object, keepsNumbers: boolean): object => {
  const value = typeof event === 'string' ? readText(event, keepsNumbers) : event;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError('An event is a JSON object');
};

const readText = (text: string, keepsNumbers: boolean): unknown =>
  keepsNumbers ? parseJson(text) : (JSON.parse(text) as unknown);
