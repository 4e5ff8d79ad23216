export interface Row {
  readonly topic: string;
  /** Where the event stands in its topic. */
  readonly streamId: string;
  /** The CloudEvent as JSON text. */
  readonly json: string;
}

/** What is wrong with a row, where it can be said: the column, and the value that it does not take. */
export interface Culprit {
  /** Undefined where Postgres cannot read the event at all. */
  readonly column: string | undefined;
  readonly value: string | null;
}

/** A table that rows go to. */
export interface Target<R extends Row = Row> {
  /** Its name, with its schema where that was given. */
  readonly table: string;
  /** Resolves when the table is there and is as it has to be; looks once, and again after `forget`. Rejects with `Unavailable`. */
  ready(): Promise<void>;
  /** Looks again before the next write: the table is not what it was. */
  forget(): void;
  /** Makes of events what is written; an error in place of a row where that cannot be done. */
  rowsOf(events: readonly Row[]): Promise<readonly (R | Error)[]>;
  /**
   * Writes rows in one statement; gives how many changed the table. Rejects with Postgres's error, and with `Unavailable`
   * where the table cannot be used.
   */
  write(rows: readonly R[]): Promise<number>;
  /** About how many bytes of a statement a row takes. */
  sizeOf(row: R): number;
  /**
   * Whether a row that is there already can be written again; nothing stays of it. False too where that cannot be tried: there
   * is no row, or it may not be read.
   */
  probe(): Promise<boolean>;
  /** Which column does not take its value, of a row that failed alone. */
  blame(row: R, error: Error): Promise<Culprit | undefined>;
}
