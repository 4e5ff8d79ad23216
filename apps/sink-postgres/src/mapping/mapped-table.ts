import type { Evaluator, JobFailure } from '@millrace/expressions';
import type { Logger } from '@millrace/host';
import { PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { lines } from '../events-table/lines.js';
import { rewriteOne } from '../failures/probe.js';
import { findCulprit } from '../failures/row-blame.js';
import { serverError } from '../failures/sql-state.js';
import { lend, type Pool, query } from '../pool.js';
import type { Culprit, Row, Target } from '../target.js';
import { checkTable } from './catalogue.js';
import { MappingError, type TableMapping } from './mapping.js';
import { columnsOf, type Statement, statementOf, tableOf } from './statement.js';

/** A row, and what its expressions of JSONata made: JSON texts. */
export interface MappedRow extends Row {
  readonly made: readonly string[];
}

/** A table of somebody's own, to which a topic is mapped. */
export class MappedTable implements Target<MappedRow> {
  private made: Promise<Statement> | undefined;
  private readonly expressions: readonly string[];

  constructor(
    private readonly pool: Pool,
    private readonly mapping: TableMapping,
    private readonly evaluator: Evaluator,
    private readonly log: Logger,
  ) {
    this.expressions = [...mapping.columns.values()].flatMap((source) =>
      source.kind === 'jsonata' ? [source.expression] : [],
    );
  }

  get table(): string {
    return this.mapping.table;
  }

  async ready(): Promise<void> {
    await this.statement();
  }

  forget(): void {
    this.made = undefined;
  }

  async rowsOf(events: readonly Row[]): Promise<readonly (MappedRow | Error)[]> {
    if (this.expressions.length === 0) return events.map((row) => ({ ...row, made: [] }));
    const { expressions } = this;
    const made = await this.evaluator.run(events.map(({ json }) => ({ expressions, json })));
    return made.map((one, n) => ('error' in one ? this.failure(one) : { ...(events[n] as Row), made: one.values }));
  }

  async write(rows: readonly MappedRow[]): Promise<number> {
    const { text } = await this.statement();
    const { rowCount } = await query(this.pool, text, this.parametersOf(rows));
    return rowCount ?? 0;
  }

  async blame(row: MappedRow): Promise<Culprit | undefined> {
    const { probes, from } = await this.statement();
    return findCulprit(this.pool, probes, from, this.parametersOf([row]));
  }

  sizeOf({ json, made }: MappedRow): number {
    return made.reduce((sum, one) => sum + one.length, json.length);
  }

  probe(): Promise<boolean> {
    return rewriteOne(this.pool, tableOf(this.mapping), columnsOf(this.mapping));
  }

  private parametersOf(rows: readonly MappedRow[]): string[] {
    return [
      lines(rows.map(({ topic }) => topic)),
      lines(rows.map(({ streamId }) => streamId)),
      lines(rows.map(({ json }) => json)),
      ...this.expressions.map((_, n) => lines(rows.map(({ made }) => made[n] as string))),
    ];
  }

  private failure({ error, position, kind }: JobFailure): Error {
    const where = position === undefined ? '' : ` at character ${position} of an expression`;
    // What the others left no room for says nothing of this row: it waits, uncounted.
    const Failure = kind === undefined ? PermanentError : kind === 'crowded' ? Unavailable : TransientError;
    return new Failure(`table ${this.mapping.table}: ${error}${where}`);
  }

  private statement(): Promise<Statement> {
    this.made ??= this.make().catch((cause: unknown) => {
      this.made = undefined;
      throw cause instanceof MappingError ? new Unavailable(cause.message, { cause }) : serverError(cause);
    });
    return this.made;
  }

  private async make(): Promise<Statement> {
    const columns = await lend(this.pool, (client) => checkTable(client, this.mapping));
    this.log.info(`events of the topic ${this.mapping.topic} go to the table ${this.mapping.table}`);
    return statementOf(this.mapping, columns);
  }
}
