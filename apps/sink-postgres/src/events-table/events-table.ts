import { pipeline } from 'node:stream/promises';
import type { Logger } from '@millrace/host';
import { monotonicMs } from '@millrace/streams';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { rewriteOne } from '../failures/probe.js';
import { findCulprit, type Probe } from '../failures/row-blame.js';
import { isOfServer, isPostgresError, isSlow, serverError } from '../failures/sql-state.js';
import { lend, type Pool, query, transaction } from '../pool.js';
import type { Culprit, Row, Target } from '../target.js';
import { ATTRIBUTES, COLUMNS, EXPRESSIONS } from './columns.js';
import { copyText } from './copy-text.js';
import { lines } from './lines.js';
import { MONTHS_MADE, MonthlyPartitions } from './monthly-partitions.js';

/** From how many rows on COPY is worth its second round trip. */
const COPY_FROM_ROWS = 50;
/** How long rows are inserted after a COPY that failed: one that fails costs more than it would have saved. */
const INSERT_FOR_MS = 10_000;

const ddl = (table: string, isPartitioned: boolean): string => `
  CREATE TABLE IF NOT EXISTS ${table} (
    topic           text NOT NULL,
    source          text NOT NULL,
    id              text NOT NULL,
    type            text NOT NULL,
    subject         text,
    time            timestamptz${isPartitioned ? ' NOT NULL' : ''},
    datacontenttype text,
    dataschema      text,
    data            jsonb,
    data_base64     text,
    extensions      jsonb,
    stream_id       text NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, source, id${isPartitioned ? ', time' : ''})
  )${isPartitioned ? ' PARTITION BY RANGE (time)' : ''}`;

/** An event without a time is of the time at which Redis took it: the same whenever it is written. */
const timeOf = (isPartitioned: boolean): string =>
  isPartitioned
    ? "COALESCE((event->>'time')::timestamptz, to_timestamp(split_part(stream_id, '-', 1)::bigint / 1000.0))"
    : "(event->>'time')::timestamptz";

// For the rows that COPY does not take. Postgres takes the event apart, not Node: a number of 20 digits passes through Node only as text. Lines and not arrays,
// in which every quote of an event's JSON would have to be escaped (2 µs an event of 300 bytes). OFFSET 0 keeps the
// planner from parsing the JSON again for every column.
const insert = (table: string, isPartitioned: boolean): string => `
  INSERT INTO ${table} (${COLUMNS})
  SELECT topic, event->>'source', event->>'id', event->>'type', event->>'subject', ${timeOf(isPartitioned)},
         event->>'datacontenttype', event->>'dataschema', event->'data', event->>'data_base64',
         NULLIF(event - '{${ATTRIBUTES.join(',')}}'::text[], '{}'::jsonb), stream_id
  FROM (
    SELECT topic, stream_id, event::jsonb AS event
    FROM ROWS FROM (string_to_table($1, E'\\n'), string_to_table($2, E'\\n'), string_to_table($3, E'\\n'))
      AS line (topic, stream_id, event)
    OFFSET 0
  ) AS row
  ON CONFLICT (topic, source, id${isPartitioned ? ', time' : ''}) DO NOTHING`;

const PROBES: readonly Probe[] = Object.entries(EXPRESSIONS).map(([column, expression]) => ({
  column,
  expression,
  shown: `event->>'${column}'`,
}));

/** No partition takes the row: CHECK_VIOLATION of a table, with no constraint to its name. */
const isWithoutPartition = (error: unknown): boolean =>
  isPostgresError(error) && error.code === '23514' && error.constraint === undefined && error.table !== undefined;

const timeIn = (json: string): string | null => {
  const { time } = JSON.parse(json) as { time?: unknown }; // Postgres has read it, so this can.
  return typeof time === 'string' ? time : null;
};

/** The months of rows as Postgres has them: it rounds to a microsecond, which may be of the next month. */
const MONTHS = `
  SELECT DISTINCT (extract(year FROM time) * 12 + extract(month FROM time) - 1)::int AS month
  FROM (SELECT ${timeOf(true)} AT TIME ZONE 'UTC' AS time
        FROM (SELECT stream_id, event::jsonb AS event
              FROM ROWS FROM (string_to_table($1, E'\n'), string_to_table($2, E'\n')) AS line (stream_id, event)) AS row
       ) AS made
  WHERE isfinite(time)`;

export interface EventsTableOptions {
  /** Whether the table is made where it is missing. */
  readonly migrates: boolean;
  /** Whether each month of `time` is a table of its own; then `time` is part of the key. */
  readonly isPartitioned: boolean;
  /** Whether COPY may be used: poolers that hand out connections by the transaction do not take it. */
  readonly copies: boolean;
}

/** The table that events go to, whatever their topic. */
export class EventsTable implements Target {
  private made: Promise<void> | undefined;
  private insertsUntil = Number.NEGATIVE_INFINITY;
  private readonly partitions: MonthlyPartitions | undefined;

  constructor(
    private readonly pool: Pool,
    readonly table: string,
    private readonly options: EventsTableOptions,
    private readonly log: Logger,
  ) {
    this.partitions = options.isPartitioned ? new MonthlyPartitions(pool, table) : undefined;
  }

  async rowsOf(events: readonly Row[]): Promise<readonly Row[]> {
    return events;
  }

  async blame({ topic, streamId, json }: Row, error: Error): Promise<Culprit | undefined> {
    if (isWithoutPartition(error)) return { column: 'time', value: timeIn(json) };
    const from = '(SELECT $1::text AS topic, $2::text AS stream_id, $3::jsonb AS event) AS row';
    return findCulprit(this.pool, PROBES, from, [topic, streamId, json]);
  }

  sizeOf({ json }: Row): number {
    return json.length;
  }

  probe(): Promise<boolean> {
    return rewriteOne(this.pool, this.table, COLUMNS);
  }

  /**
   * Writes rows in one statement; gives how many were not there yet. Rejects with Postgres's error, and with
   * `Unavailable` where the table cannot be made or used.
   */
  async write(rows: readonly Row[]): Promise<number> {
    await this.ready();
    try {
      return await this.put(rows);
    } catch (error) {
      if (this.partitions === undefined || !isWithoutPartition(error)) throw error;
      return this.putIntoNewMonths(this.partitions, rows, error as Error);
    }
  }

  private async putIntoNewMonths(partitions: MonthlyPartitions, rows: readonly Row[], why: Error): Promise<number> {
    if (!this.options.migrates)
      throw Object.assign(why, { message: `${why.message}; MIGRATE=off creates no partitions` });
    const { rows: months } = await query<{ month: number }>(this.pool, MONTHS, [
      lines(rows.map(({ streamId }) => streamId)),
      lines(rows.map(({ json }) => json)),
    ]);
    await partitions.add(months.map(({ month }) => month));
    return this.put(rows).catch((error: Error) => {
      throw isWithoutPartition(error) ? Object.assign(error, { message: `${error.message}; ${MONTHS_MADE}` }) : error;
    });
  }

  private put(rows: readonly Row[]): Promise<number> {
    const { isPartitioned, copies } = this.options;
    const inserts = !copies || rows.length < COPY_FROM_ROWS || monotonicMs() < this.insertsUntil;
    const text = inserts ? undefined : copyText(rows, isPartitioned);
    return text === undefined ? this.insert(rows) : this.copy(text, rows);
  }

  private async insert(rows: readonly Row[]): Promise<number> {
    const { rowCount } = await query(this.pool, insert(this.table, this.options.isPartitioned), [
      lines(rows.map(({ topic }) => topic)),
      lines(rows.map(({ streamId }) => streamId)),
      lines(rows.map(({ json }) => json)),
    ]);
    return rowCount ?? 0;
  }

  /** Half of what an insert costs, but all or nothing: where a row is there already, or is bad, they are inserted. */
  private async copy(text: string, rows: readonly Row[]): Promise<number> {
    const copyAll = `COPY ${this.table} (${COLUMNS}) FROM STDIN`;
    try {
      await lend(this.pool, (client) => pipeline([text], client.query(copyFrom(copyAll))));
      return rows.length;
    } catch (error) {
      // What ran out of time, or of something else, would do so again.
      if (isSlow(error) || isOfServer(error) || isWithoutPartition(error)) throw error;
    }
    this.insertsUntil = monotonicMs() + INSERT_FOR_MS;
    return this.insert(rows);
  }

  /** Resolves when the table is there and is one of ours; looks once, and again after a failure. */
  ready(): Promise<void> {
    this.made ??= this.make().catch((cause: unknown) => {
      this.made = undefined;
      throw serverError(cause);
    });
    return this.made;
  }

  /** Looks again before the next write: somebody dropped the table. */
  forget(): void {
    this.made = undefined;
  }

  private async make(): Promise<void> {
    if (this.options.migrates) await transaction(this.pool, (client) => this.migrate(client));
    // Not a table of ours: better to say so now, column by column, than at the first event.
    const columns = 'topic, source, id, type, data, extensions, stream_id';
    await query(this.pool, `SELECT ${columns} FROM ${this.table} LIMIT 0`);
    this.log.info(`events go to the table ${this.table}`);
  }

  // IF NOT EXISTS alone fails where two replicas start at once.
  private async migrate(client: PoolClient): Promise<void> {
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`millrace:${this.table}`]);
    await client.query(ddl(this.table, this.options.isPartitioned));
    await this.partitions?.prepare(client);
  }
}
