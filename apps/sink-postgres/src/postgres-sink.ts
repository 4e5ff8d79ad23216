import { Metrics } from '@millrace/host';
import type { Sink, SinkContext, SinkEvent, WriteFailure } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { isOfServer } from './failures/sql-state.js';
import type { Pool } from './pool.js';
import { type Placed, TableWriter } from './table-writer.js';
import type { Row, Target } from './target.js';

/** Token of the pool of connections. */
export const POOL = Symbol('postgres pool');

/** How often in a row all of a batch waits where it is: for a quarter of a minute. */
const PATIENT_TRIES = 8;

/** The tables that events go to: those of mapped topics, and one for all others. */
export interface Targets {
  of(topic: string): Target;
  readonly all: readonly Target[];
  /** Ends what evaluates their expressions. */
  close?(): void;
}

export const TARGETS = Symbol('postgres targets');

@Injectable()
export class PostgresSink implements Sink, OnApplicationBootstrap, OnApplicationShutdown {
  /** Postgres takes the event apart. */
  readonly takesText = true;
  private readonly rows;
  private readonly writers = new Map<Target, TableWriter>();

  constructor(
    @Inject(TARGETS) private readonly targets: Targets,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.rows = metrics.counter('millrace_postgres_rows_total', 'Rows written, by whether they changed the table', [
      'result',
    ]);
  }

  onApplicationBootstrap(): void {
    // So that the tables are there before the first event. What is wrong is reported at the first write.
    for (const target of this.targets.all) void target.ready().catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.targets.close?.();
    await this.pool.end();
  }

  async write(events: readonly SinkEvent[], context: Partial<SinkContext> = {}): Promise<WriteFailure[]> {
    const byTarget = new Map<Target, Placed[]>();
    for (const [index, { topic, delivery }] of events.entries()) {
      const row: Row = { topic, streamId: delivery.position, json: delivery.event.json };
      const target = this.targets.of(topic);
      const placed = byTarget.get(target);
      const one: Placed = { index, row, isRetry: delivery.attempt > 1 };
      if (placed === undefined) byTarget.set(target, [one]);
      else placed.push(one);
    }
    const failures: WriteFailure[] = [];
    for (const [target, placed] of byTarget) failures.push(...(await this.writeTo(target, placed, context)));
    if (failures.length === events.length) this.waitTogether(failures, [...byTarget.keys()]);
    return failures.sort((a, b) => a.index - b.index);
  }

  private async writeTo(
    target: Target,
    placed: readonly Placed[],
    context: Partial<SinkContext>,
  ): Promise<WriteFailure[]> {
    const made = await target.rowsOf(placed.map(({ row }) => row));
    const failures: WriteFailure[] = [];
    const rows: Placed[] = [];
    for (const [n, row] of made.entries()) {
      const one = placed[n] as Placed;
      if (row instanceof Error) failures.push({ index: one.index, error: row });
      else rows.push({ ...one, row });
    }
    return rows.length === 0 ? failures : [...failures, ...(await this.writerOf(target).write(rows, context))];
  }

  /**
   * Where all of a batch has to wait and no other table could be written meanwhile, it waits where it is; but not for ever,
   * for what comes behind it may be what can be written. Then each event waits by itself.
   */
  private waitTogether(failures: readonly WriteFailure[], targets: readonly Target[]): void {
    const [first] = failures;
    if (first === undefined || !failures.every(({ error }) => error instanceof Unavailable)) return;
    const isCommon = this.targets.all.length === 1 || failures.every(({ error }) => isOfServer(error.cause));
    const stalls = Math.max(...targets.map((target) => this.writerOf(target).suspects.stalls));
    if (isCommon && stalls <= PATIENT_TRIES) throw first.error;
  }

  private writerOf(target: Target): TableWriter {
    let writer = this.writers.get(target);
    if (writer === undefined) {
      writer = new TableWriter(target, {
        pool: this.pool,
        statementMs: this.pool.options.query_timeout ?? 0,
        onWritten: (written, rows) => {
          this.rows.inc({ result: 'written' }, written);
          this.rows.inc({ result: 'unchanged' }, rows - written);
        },
      });
      this.writers.set(target, writer);
    }
    return writer;
  }
}
