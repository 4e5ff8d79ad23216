/** Expressions over one event. */
export interface ValuesJob {
  /** JSONata over the whole event. */
  readonly expressions: readonly string[];
  /** The event. */
  readonly json: string;
}

/** What the process is sent for each event. */
export interface LimitedValuesJob extends ValuesJob {
  readonly timeoutMs: number;
}

/** What they gave: JSON texts in their order, `null` for nothing. */
export interface Values {
  readonly values: readonly string[];
}
