import type { SinkContext, WriteFailure } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { type Failed, Isolation, type Verdict } from './failures/isolation.js';
import { isLost, isOfRows, isPostgresError, isShortOf, rowError, serverError } from './failures/sql-state.js';
import { Suspects } from './failures/suspects.js';
import { type Pool, query } from './pool.js';
import type { Culprit, Row, Target } from './target.js';

/** UNDEFINED_TABLE, UNDEFINED_COLUMN, INVALID_COLUMN_REFERENCE (no such key), DATATYPE_MISMATCH: the table was changed. */
const CHANGED = new Set(['42P01', '42703', '42P10', '42804']);
const isChanged = (error: Error): boolean => isPostgresError(error) && CHANGED.has(error.code);
/** Most text of events in one statement: so much takes Postgres a few hundred milliseconds. */
const STATEMENT_BYTES = 4 * 1024 * 1024;
/** How long a batch may be divided: enough for a bad row among thousands, though each statement runs out of its time. */
const LONGEST_IN_STATEMENTS = 10;
/** Up to so many rows that failed before are written alone. */
const MOST_ALONE = 16;
/** How often patience is doubled at most. */
const MOST_DOUBLINGS = 10;
/** How soon what was not decided comes again. */
const SOON_MS = 1000;

/** A row, and the place of its event in the batch. */
export interface Placed<R extends Row = Row> {
  readonly index: number;
  readonly row: R;
  /** Whether it failed before. */
  readonly isRetry?: boolean;
}

export interface WriterOptions {
  readonly pool: Pool;
  /** How long one statement may take, in milliseconds. */
  readonly statementMs: number;
  /** Told how many of so many rows of a statement changed the table. */
  readonly onWritten: (written: number, rows: number) => void;
}

/**
 * Writes rows to one table, and finds out of each that is not there whose fault it is. A row is to blame that fails alone
 * where another one can be written: one of its batch landed, or one since it failed first, or one that is there already can
 * be written again, or Postgres names a value of it. Otherwise it is nobody's fault, and the row waits.
 */
export class TableWriter {
  readonly suspects = new Suspects();
  private readonly culprits = new WeakMap<Failed<Placed>, Promise<Culprit | undefined>>();

  constructor(
    private readonly target: Target,
    private readonly options: WriterOptions,
  ) {}

  /**
   * Gives the rows that are not there: `PermanentError` and `TransientError` where a row is to blame, `Unavailable` where
   * nobody's row can be written now. Throws `Unavailable` where the server cannot be reached.
   */
  async write(placed: readonly Placed[], { spans, signal }: Partial<SinkContext> = {}): Promise<WriteFailure[]> {
    const until = performance.now() + LONGEST_IN_STATEMENTS * this.options.statementMs;
    const isolation: Isolation<Placed> = new Isolation<Placed>({
      attempt: (rows) => this.attempt(rows, isolation, spans),
      judge: (alone) => this.judge(alone),
      get isOver() {
        return signal?.aborted === true || performance.now() > until;
      },
      patience: 2 ** Math.min(this.suspects.stalls, MOST_DOUBLINGS),
    });
    for (const part of this.parts(placed)) await isolation.write(part);
    return this.failuresOf(isolation);
  }

  private async failuresOf(isolation: Isolation<Placed>): Promise<WriteFailure[]> {
    const { alone, undecided, outage } = isolation;
    const open = alone.filter(({ error }) => !isolation.isWritableBut(error));
    const verdict = outage !== undefined ? 'outage' : open.length === 0 ? 'writable' : await this.judge(open);
    if (verdict === 'outage') this.suspects.stalled();
    const failures: WriteFailure[] = [];
    for (const failed of alone) {
      const isBlamed = verdict === 'writable' || !open.includes(failed) || (await this.isToBlame(failed));
      failures.push(isBlamed ? await this.blamed(failed) : this.waiting(failed));
    }
    const error =
      outage === undefined
        ? new Unavailable('not written yet: the other events of the batch took the time', { retryAfterMs: SOON_MS })
        : serverError(outage);
    return [...failures, ...undecided.map(({ index }) => ({ index, error }))];
  }

  private async blamed(failed: Failed<Placed>): Promise<WriteFailure> {
    const { index, row } = failed.row;
    this.suspects.forget(row);
    return { index, error: rowError(failed.error, await this.culpritOf(failed)) };
  }

  private waiting({ row: { index, row }, error }: Failed<Placed>): WriteFailure {
    this.suspects.remember(row);
    return { index, error: serverError(error) };
  }

  /** Whether a row that failed alone is bad, whatever becomes of others. */
  private async isToBlame(failed: Failed<Placed>): Promise<boolean> {
    return (
      this.suspects.isOvertaken(failed.row.row, isShortOf(failed.error)) || (await this.culpritOf(failed)) !== undefined
    );
  }

  private async culpritOf(failed: Failed<Placed>): Promise<Culprit | undefined> {
    if (!isOfRows(failed.error)) return undefined;
    let culprit = this.culprits.get(failed);
    if (culprit === undefined) {
      culprit = this.target.blame(failed.row.row, failed.error);
      this.culprits.set(failed, culprit);
    }
    return culprit;
  }

  private async judge(alone: readonly Failed<Placed>[]): Promise<Verdict> {
    const open: Failed<Placed>[] = [];
    for (const failed of alone) if (!(await this.isToBlame(failed))) open.push(failed);
    if (open.length === 0) return 'unknown';
    if (open.every(({ error }) => isShortOf(error))) return 'outage';
    return (await this.target.probe()) ? 'writable' : 'outage';
  }

  /**
   * What failed before comes last and alone, if it is not much: it may fail again, and would have the others divided once
   * more, which takes the whole time of a statement at each step where it is slow.
   */
  private *parts(placed: readonly Placed[]): Iterable<readonly Placed[]> {
    const retries = placed.filter(({ isRetry }) => isRetry === true);
    const isMuch = retries.length > MOST_ALONE;
    yield* this.bounded(isMuch ? placed : placed.filter(({ isRetry }) => isRetry !== true));
    if (!isMuch) for (const one of retries) yield [one];
  }

  /** In parts of at most so many bytes, but for a row that has more. */
  private *bounded(placed: readonly Placed[]): Iterable<readonly Placed[]> {
    let part: Placed[] = [];
    let bytes = 0;
    for (const one of placed) {
      const size = this.target.sizeOf(one.row);
      if (part.length > 0 && bytes + size > STATEMENT_BYTES) {
        yield part;
        part = [];
        bytes = 0;
      }
      part.push(one);
      bytes += size;
    }
    if (part.length > 0) yield part;
  }

  /** Once more where the table was changed, and where the connection was lost and the server is there: else it is the rows. */
  private async attempt(
    placed: readonly Placed[],
    isolation: Isolation<Placed>,
    spans: SinkContext['spans'],
  ): Promise<number | Error> {
    let result = await this.once(placed, spans);
    if (typeof result !== 'number' && isChanged(result)) {
      this.target.forget();
      result = await this.once(placed, spans);
    } else if (typeof result !== 'number' && isLost(result)) {
      await this.reach();
      if (!(result instanceof Unavailable)) result = await this.once(placed, spans);
    }
    if (typeof result !== 'number' && isLost(result)) await this.reach();
    if (result instanceof Unavailable) isolation.stop(result); // The table cannot be used as it is.
    return result;
  }

  private async once(placed: readonly Placed[], spans: SinkContext['spans']): Promise<number | Error> {
    const { target } = this;
    const call = spans?.call(`INSERT ${target.table}`, {
      'db.system.name': 'postgresql',
      'db.operation.name': 'INSERT',
      'db.collection.name': target.table,
      'db.operation.batch.size': placed.length,
    });
    try {
      const written = await target.write(placed.map(({ row }) => row));
      call?.end();
      this.suspects.taken(written > 0);
      this.options.onWritten(written, placed.length);
      return written;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      call?.end(error, isPostgresError(error) ? { 'db.response.status_code': error.code } : {});
      return error;
    }
  }

  /** Throws `Unavailable` where the server does not answer. */
  private async reach(): Promise<void> {
    await query(this.options.pool, 'SELECT 1').catch((cause: unknown) => {
      throw serverError(cause);
    });
  }
}
