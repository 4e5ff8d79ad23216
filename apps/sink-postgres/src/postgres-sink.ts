import { Metrics } from '@millrace/host';
import type { Sink, SinkEvent, WriteFailure } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Row } from './columns.js';
import { EventsTable } from './events-table.js';
import type { Pool } from './pool.js';
import { blameFor, isPostgresError, type PostgresError, rowError, serverError } from './sql-state.js';

/** Token of the pool of connections. */
export const POOL = Symbol('postgres pool');

const UNDEFINED_TABLE = '42P01';

/** Writes events as rows, each once for each topic: what is there already stays as it is. */
@Injectable()
export class PostgresSink implements Sink, OnApplicationBootstrap, OnApplicationShutdown {
  /** Postgres takes the event apart. */
  readonly takesText = true;
  private readonly rows;

  constructor(
    @Inject(EventsTable) private readonly table: EventsTable,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.rows = metrics.counter('millrace_postgres_rows_total', 'Rows by whether they were new', ['result']);
  }

  onApplicationBootstrap(): void {
    // So that the table is there before the first event. A Postgres that is away is told of at the first write.
    void this.table.ready().catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  async write(events: readonly SinkEvent[]): Promise<WriteFailure[]> {
    const rows = events.map(({ topic, delivery }) => ({
      topic,
      streamId: delivery.position,
      json: delivery.event.json,
    }));
    return this.writeRows(rows, 0);
  }

  /** Writes rows together; where a row is bad, by halves, until the bad ones stand alone. */
  private async writeRows(rows: readonly Row[], first: number): Promise<WriteFailure[]> {
    const error = await this.tryToInsert(rows);
    if (error === undefined) return [];
    if (rows.length === 1) return [{ index: first, error: rowError(error) }];
    const middle = rows.length >> 1;
    return [
      ...(await this.writeRows(rows.slice(0, middle), first)),
      ...(await this.writeRows(rows.slice(middle), first + middle)),
    ];
  }

  /** Gives the error if a row is to blame. Throws `Unavailable` if the server is. */
  private async tryToInsert(rows: readonly Row[]): Promise<PostgresError | undefined> {
    try {
      const added = await this.table.write(rows);
      this.rows.inc({ result: 'new' }, added);
      this.rows.inc({ result: 'known' }, rows.length - added);
      return undefined;
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      if (isPostgresError(error) && error.code === UNDEFINED_TABLE) this.table.forget();
      if (blameFor(error) === 'server') throw serverError(error);
      return error as PostgresError;
    }
  }
}
