import { Metrics } from '@millrace/host';
import type { Sink, SinkContext, SinkEvent, WriteFailure } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from './pool.js';
import { blameFor, isPostgresError, type PostgresError, rowError, serverError } from './sql-state.js';
import type { Row, Target } from './target.js';

/** Token of the pool of connections. */
export const POOL = Symbol('postgres pool');

/** UNDEFINED_TABLE, UNDEFINED_COLUMN, INVALID_COLUMN_REFERENCE (no such key), DATATYPE_MISMATCH: the table was changed. */
const CHANGED = new Set(['42P01', '42703', '42P10', '42804']);

type Spans = SinkContext['spans'];

/** A row, and the place of its event in the batch. */
interface Placed {
  readonly index: number;
  readonly row: Row;
}

/** The tables that events go to: those of mapped topics, and one for all others. */
export interface Targets {
  /** The table of a topic. */
  of(topic: string): Target;
  readonly all: readonly Target[];
}

/** Token of the tables. */
export const TARGETS = Symbol('postgres targets');

/** Writes events as rows. */
@Injectable()
export class PostgresSink implements Sink, OnApplicationBootstrap, OnApplicationShutdown {
  /** Postgres takes the event apart. */
  readonly takesText = true;
  private readonly rows;

  constructor(
    @Inject(TARGETS) private readonly targets: Targets,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.rows = metrics.counter('millrace_postgres_rows_total', 'Rows by whether they changed the table', ['result']);
  }

  onApplicationBootstrap(): void {
    // So that the tables are there before the first event. What is wrong is told of at the first write.
    for (const target of this.targets.all) void target.ready().catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  async write(events: readonly SinkEvent[], { spans }: Pick<SinkContext, 'spans'> = {}): Promise<WriteFailure[]> {
    const byTarget = new Map<Target, Placed[]>();
    for (const [index, { topic, delivery }] of events.entries()) {
      const row: Row = { topic, streamId: delivery.position, json: delivery.event.json };
      const target = this.targets.of(topic);
      const placed = byTarget.get(target);
      if (placed === undefined) byTarget.set(target, [{ index, row }]);
      else placed.push({ index, row });
    }
    const failures: WriteFailure[] = [];
    for (const [target, placed] of byTarget) failures.push(...(await this.writeTo(target, placed, spans)));
    return failures.sort((a, b) => a.index - b.index);
  }

  private async writeTo(target: Target, placed: readonly Placed[], spans: Spans): Promise<WriteFailure[]> {
    const made = await target.rowsOf(placed.map(({ row }) => row));
    const failures: WriteFailure[] = [];
    const rows: Placed[] = [];
    for (const [n, row] of made.entries()) {
      const { index } = placed[n] as Placed;
      if (row instanceof Error) failures.push({ index, error: row });
      else rows.push({ index, row });
    }
    return rows.length === 0 ? failures : [...failures, ...(await this.writeRows(target, rows, spans))];
  }

  /** Writes rows together; where a row is bad, by halves, until the bad ones stand alone. */
  private async writeRows(target: Target, placed: readonly Placed[], spans: Spans): Promise<WriteFailure[]> {
    const error = await this.tryToWrite(target, placed, spans);
    if (error === undefined) return [];
    const [{ index, row }] = placed as [Placed];
    if (placed.length === 1) return [{ index, error: rowError(error, await target.blame(row)) }];
    const middle = placed.length >> 1;
    return [
      ...(await this.writeRows(target, placed.slice(0, middle), spans)),
      ...(await this.writeRows(target, placed.slice(middle), spans)),
    ];
  }

  /** Gives the error if a row is to blame. Throws `Unavailable` if the server is. */
  private async tryToWrite(
    target: Target,
    placed: readonly Placed[],
    spans: Spans,
  ): Promise<PostgresError | undefined> {
    const call = spans?.call(`INSERT ${target.table}`, {
      'db.system.name': 'postgresql',
      'db.operation.name': 'INSERT',
      'db.collection.name': target.table,
      'db.operation.batch.size': placed.length,
    });
    try {
      const written = await target.write(placed.map(({ row }) => row));
      call?.end();
      this.rows.inc({ result: 'written' }, written);
      this.rows.inc({ result: 'unchanged' }, placed.length - written);
      return undefined;
    } catch (error) {
      call?.end(error as Error, isPostgresError(error) ? { 'db.response.status_code': error.code } : {});
      if (error instanceof Unavailable) throw error;
      if (isPostgresError(error) && CHANGED.has(error.code)) target.forget();
      if (blameFor(error) === 'server') throw serverError(error);
      return error as PostgresError;
    }
  }
}
