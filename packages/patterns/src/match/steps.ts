/** Steps that any event may take. */
const FREE = 200_000;
/** Those that each of its characters adds. */
const A_CHARACTER = 20;
/** Those that each field of the patterns adds. */
const A_FIELD = 8;
/** How many those are together at most: some 100 ms. Measured in docs/adr/2026-11-30-matching-takes-counted-steps.md. */
const MOST = 3_000_000;

/**
 * Matching takes more steps than it may. Steps are counted, not timed: the same event and the same patterns give the same
 * outcome on every machine and every time.
 */
export class StepLimitError extends Error {
  override readonly name = 'StepLimitError';

  constructor(
    /** Steps that it might have taken. */
    readonly limit: number,
  ) {
    super(`matching exceeds ${limit} steps, the limit for an event and patterns of that size`);
  }
}

/** What matching may still cost. A step is about a look at one key, element or value, or at 32 characters of a text. */
export class Steps {
  private left: number;

  constructor(
    /** Taken together; then `take` throws. */
    readonly limit: number,
  ) {
    this.left = limit;
  }

  /**
   * Those of one event and the patterns that it is matched against, by the length of its JSON text and how many fields they
   * have in all. An object has no length, so it may take the most there is.
   */
  static for(event: string | object, fields: number): Steps {
    if (typeof event !== 'string') return new Steps(MOST);
    return new Steps(Math.min(MOST, FREE + A_CHARACTER * event.length + A_FIELD * fields));
  }

  get taken(): number {
    return this.limit - Math.max(0, this.left);
  }

  /** Throws a `StepLimitError` where so many are not left; then none are. */
  take(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new StepLimitError(this.limit);
  }
}
