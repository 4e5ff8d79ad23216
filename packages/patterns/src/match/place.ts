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
