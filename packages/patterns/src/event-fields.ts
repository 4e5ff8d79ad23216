import { ExactNumber, parseJson } from '@millrace/json';
import type { Scalar } from './operators.js';

/** An element of an array that a value was found in, and the one around that. */
export interface Place {
  /** Unique among the places of an event. */
  readonly id: number;
  readonly array: readonly unknown[];
  readonly index: number;
  readonly outer: Place | undefined;
  /** Steps of the path that lead to the array. */
  readonly path: string;
}

/** A scalar found at a path, and in which elements of which arrays. */
export interface Found {
  readonly value: Scalar;
  readonly place: Place | undefined;
}

const MAX_NESTING = 512;

/** Reads fields of one event by path, each once. JSON text is parsed when the first is asked for. */
export class EventFields {
  private readonly known = new Map<string, readonly Found[]>();
  private readonly places = new Map<readonly unknown[], Place[]>();
  private root: object | undefined;
  private count = 0;

  constructor(
    private readonly event: string | object,
    private readonly keepsNumbers: boolean,
  ) {}

  /** Scalars at a path. `steps` is the path split at its dots. */
  at(path: string, steps: readonly string[]): readonly Found[] {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    const found: Found[] = [];
    this.root ??= readEvent(this.event, this.keepsNumbers);
    this.intoObject(this.root, steps, 0, undefined, found);
    this.known.set(path, found);
    return found;
  }

  private intoObject(
    object: object,
    steps: readonly string[],
    from: number,
    place: Place | undefined,
    found: Found[],
  ): void {
    let key = '';
    for (let to = from; to < steps.length; to += 1) {
      key = to === from ? (steps[to] as string) : `${key}.${steps[to]}`;
      if (!Object.hasOwn(object, key)) continue;
      this.intoValue((object as Record<string, unknown>)[key], steps, to + 1, place, found, 0);
    }
  }

  private intoValue(
    value: unknown,
    steps: readonly string[],
    from: number,
    place: Place | undefined,
    found: Found[],
    nesting: number,
  ): void {
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) {
      if (from === steps.length && value !== undefined) found.push({ value: value as Scalar, place });
    } else if (Array.isArray(value)) this.intoArray(value as unknown[], steps, from, place, found, nesting);
    else if (from < steps.length) this.intoObject(value, steps, from, place, found);
  }

  private intoArray(
    array: readonly unknown[],
    steps: readonly string[],
    from: number,
    place: Place | undefined,
    found: Found[],
    nesting: number,
  ): void {
    if (nesting > MAX_NESTING) return;
    const path = steps.slice(0, from).join('.');
    for (let i = 0; i < array.length; i += 1) {
      const element = array[i];
      // As in event-ruler, a scalar element does not bind its array: other fields have no part in it.
      const isScalar = typeof element !== 'object' || element === null;
      if (isScalar && from < steps.length) continue;
      const inner = isScalar ? place : this.placeOf(array, i, place, path);
      this.intoValue(element, steps, from, inner, found, nesting + 1);
    }
  }

  private placeOf(array: readonly unknown[], index: number, outer: Place | undefined, path: string): Place {
    const places = this.places.get(array) ?? [];
    if (places.length === 0) this.places.set(array, places);
    places[index] ??= { id: this.count++, array, index, outer, path };
    return places[index];
  }
}

const readEvent = (event: string | object, keepsNumbers: boolean): object => {
  const value = typeof event === 'string' ? readText(event, keepsNumbers) : event;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError('An event is a JSON object');
};

const readText = (text: string, keepsNumbers: boolean): unknown =>
  keepsNumbers ? parseJson(text) : (JSON.parse(text) as unknown);
