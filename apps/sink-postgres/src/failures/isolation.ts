import { isOfRows, isOfServer, isShortOf, isSlow } from './sql-state.js';

/** Into how many parts a batch is divided that failed: with eight, 500 rows have one left after three times. */
const PARTS = 8;
/** How many rows may fail alone, with none that lands, before it is asked whether it is an outage; the first time. */
const PATIENCE = { slow: 1, server: 8, rows: 24 };
/** Of what takes its whole time each time, no more than so many, however patient. */
const MOST_SLOW = 4;

/** A row that failed alone. */
export interface Failed<R> {
  readonly row: R;
  readonly error: Error;
}

/** Whether nobody's row can be written now, or one can, or the rows that failed alone say nothing of the others. */
export type Verdict = 'outage' | 'writable' | 'unknown';

export interface IsolationPort<R> {
  /**
   * Writes rows in one statement: gives how many changed the table, or why none of them is there. Throws where nothing can be
   * written at all.
   */
  attempt(rows: readonly R[]): Promise<number | Error>;
  /** Asked when rows failed alone and none has landed. */
  judge(alone: readonly Failed<R>[]): Promise<Verdict>;
  /** True when the time is over: what is not decided by then comes again. */
  readonly isOver: boolean;
  /** How much more patience than the first time: an outage is found out sooner than a batch that begins with bad rows. */
  readonly patience: number;
}

/**
 * Writes rows together; where that fails, in smaller parts, in their order, until the rows that fail stand alone and all
 * others are there. What fails for every row that is asked is an outage, and ends it.
 */
export class Isolation<R> {
  readonly alone: Failed<R>[] = [];
  /** Rows that were not asked, or not alone, before the outage or the end of the time. */
  readonly undecided: R[] = [];
  /** Why nobody's row can be written. */
  outage: Error | undefined;
  /** Whether a row can be written: one has landed, or it was asked. */
  private isWritable = false;
  /** Whether a statement was taken, though it changed nothing: its rows were there already, or a trigger put them elsewhere. */
  private isTaken = false;
  private askAgainAt = 0;

  constructor(private readonly port: IsolationPort<R>) {}

  async write(rows: readonly R[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.outage !== undefined || this.port.isOver) {
      this.undecided.push(...rows);
      return;
    }
    const written = await this.port.attempt(rows);
    if (this.outage !== undefined) this.undecided.push(...rows);
    else if (typeof written === 'number') {
      this.isTaken = true;
      this.isWritable ||= written > 0;
    } else if (rows.length > 1) await this.divide(rows, written);
    else {
      this.alone.push({ row: rows[0] as R, error: written });
      await this.judge(written);
    }
  }

  /** Whether a row could be written that does not have this error. What changes nothing may take no room. */
  isWritableBut(error: Error): boolean {
    return this.isWritable || (this.isTaken && !isShortOf(error));
  }

  /** Said within an attempt: the target cannot be used at all, and none of its rows is there. */
  stop(outage: Error): void {
    this.outage = outage;
  }

  private async divide(rows: readonly R[], error: Error): Promise<void> {
    let next = 0;
    // A first row costs one statement and may tell an outage from a bad neighbour.
    while (!isOfRows(error) && !this.isWritableBut(error) && this.outage === undefined && next < rows.length) {
      await this.write(rows.slice(next, ++next));
      if (this.port.isOver) break;
    }
    const left = rows.slice(next);
    const size = Math.max(1, Math.ceil(left.length / PARTS));
    for (let from = 0; from < left.length; from += size) await this.write(left.slice(from, from + size));
  }

  private async judge(error: Error): Promise<void> {
    if (this.isWritableBut(error)) return;
    const kind = isSlow(error) ? 'slow' : isOfRows(error) ? 'rows' : 'server';
    // A server that is full or read-only for hours is not to answer for every row of every try.
    const most = kind === 'slow' ? MOST_SLOW : isOfServer(error) ? PATIENCE.server : Number.POSITIVE_INFINITY;
    const from = Math.max(this.askAgainAt, Math.min(PATIENCE[kind] * this.port.patience, most));
    if (this.alone.length < from) return;
    this.askAgainAt = this.alone.length * 2;
    const verdict = await this.port.judge(this.alone);
    if (verdict === 'outage') this.outage = error;
    else this.isWritable = verdict === 'writable';
  }
}
