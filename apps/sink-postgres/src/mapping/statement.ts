import type { Probe } from '../failures/row-blame.js';
import type { Column } from './catalogue.js';
import type { ColumnSource, TableMapping } from './mapping.js';
import { type Raw, typedValue } from './value.js';

/** The number of a line: a name that no column of a mapping has. */
const LINE = '"line number"';

const quoted = (name: string): string => `"${name}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const pathOf = (steps: readonly string[]): string => `ARRAY[${steps.map(literal).join(', ')}]`;

/** The value of a column before it is cast, as text and as JSON. What JSONata made comes beside the event. */
const rawOf = (source: ColumnSource, parameter: string, isArray: boolean): Raw => {
  switch (source.kind) {
    case 'path':
      return { text: `event #>> ${pathOf(source.steps)}`, json: `event #> ${pathOf(source.steps)}` };
    case 'jsonata': {
      const json = `${parameter}::jsonb`;
      return { text: `${json} #>> '{}'`, json: isArray ? asArray(json) : json };
    }
    case 'topic':
      return { text: 'topic', json: 'to_jsonb(topic)' };
    case 'position':
      return { text: 'stream_id', json: 'to_jsonb(stream_id)' };
  }
};

/** JSONata gives a sequence of one as that one. */
const asArray = (json: string): string =>
  `CASE WHEN jsonb_typeof(${json}) IN ('array', 'null') THEN ${json} ELSE jsonb_build_array(${json}) END`;

/** The statement of a mapping, and how to find out which column of a row is wrong. */
export interface Statement {
  /** Its parameters: topics, positions and events, one a line, then for each expression of JSONata its results. */
  readonly text: string;
  /** For `findCulprit`, over the same parameters of one row. */
  readonly probes: readonly Probe[];
  readonly from: string;
}

/** The statement that writes rows of a mapping to its table. */
export const statementOf = (mapping: TableMapping, columns: readonly Column[]): Statement => {
  const parameters = new Map<string, string>();
  for (const [name, { kind }] of mapping.columns) {
    if (kind === 'jsonata') parameters.set(name, `x${parameters.size + 1}`);
  }
  const expressions = columns.map((column) => {
    const source = mapping.columns.get(column.name) as ColumnSource;
    const raw = rawOf(source, parameters.get(column.name) ?? '', column.elementType !== undefined);
    return { column, raw, sql: typedValue(column, raw) };
  });
  const compared = new Map(columns.map((column) => [column.name, comparedOf(column)]));
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const chosen = columns.map(({ name }) => chosenOf(mapping, name, compared)).join(', ');
  const select = expressions.map(({ column, sql }) => `${sql} AS ${quoted(column.name)}`).join(', ');
  const from = fromOf(parameters.size);
  return {
    text:
      `INSERT INTO ${tableOf(mapping)} AS target (${names})\n` +
      `SELECT ${distinctOf(mapping, compared)}${chosen} FROM (SELECT ${select}, ${LINE} FROM ${from} OFFSET 0) AS made\n` +
      `${orderOf(mapping, compared)}${conflictOf(mapping)}`,
    probes: expressions.map(({ column, raw, sql }) => ({
      column: column.name,
      expression: sql,
      shown: raw.text,
      length: lengthOf(column.type),
    })),
    from,
  };
};

/** The table, quoted. */
export const tableOf = ({ table }: TableMapping): string => table.split('.').map(quoted).join('.');

/** The columns that are written, quoted, in the order of the mapping. */
export const columnsOf = ({ columns }: TableMapping): string => [...columns.keys()].map(quoted).join(', ');

/** Rows as they come: a line each. */
const fromOf = (expressions: number): string => {
  const columns = ['topic', 'stream_id', 'event', ...Array.from({ length: expressions }, (_, n) => `x${n + 1}`)];
  const tables = columns.map((_, n) => `string_to_table($${n + 1}, E'\\n')`).join(', ');
  const given = columns.map((name) => (name === 'event' ? 'event::jsonb AS event' : name)).join(', ');
  const lines = `ROWS FROM (${tables}) WITH ORDINALITY AS line (${[...columns, LINE].join(', ')})`;
  return `(SELECT ${given}, ${LINE} FROM ${lines} OFFSET 0) AS row`;
};

const lengthOf = (type: string): number | undefined => {
  const length = /^character(?: varying)?\((\d+)\)$/.exec(type)?.[1];
  return length === undefined ? undefined : Number(length);
};

/** By what a column's values are compared, by its name. */
type Compared = ReadonlyMap<string, string>;

/** As the column compares: `char` without the blanks at the end, texts by the column's collation. */
const comparedOf = ({ name, type, collation }: Column): string =>
  `${quoted(name)}${/^character(\(\d+\))?$/.test(type) ? '::bpchar' : ''}${collation === undefined ? '' : ` COLLATE ${collation}`}`;

const keysOf = ({ keys }: TableMapping, compared: Compared): string =>
  keys.map((name) => compared.get(name)).join(', ');

// One statement changes a row once: of several with the same keys the newest goes, or the last. Where they become the same
// only in the table, by a trigger, Postgres says so (21000), and they are written one after the other.
const distinctOf = (mapping: TableMapping, compared: Compared): string =>
  mapping.mode === 'upsert' ? `DISTINCT ON (${keysOf(mapping, compared)}) ` : '';

// What an update leaves alone is what the first of them had, as if they had come one by one.
const chosenOf = (mapping: TableMapping, name: string, compared: Compared): string =>
  mapping.mode !== 'upsert' || mapping.keys.includes(name) || mapping.update.includes(name)
    ? quoted(name)
    : `first_value(${quoted(name)}) OVER (PARTITION BY ${keysOf(mapping, compared)} ORDER BY ${LINE}) AS ${quoted(name)}`;

const orderOf = (mapping: TableMapping, compared: Compared): string => {
  if (mapping.mode !== 'upsert') return `ORDER BY ${LINE}\n`;
  const latest = mapping.newest === undefined ? '' : `, ${compared.get(mapping.newest)} DESC NULLS LAST`;
  return `ORDER BY ${keysOf(mapping, compared)}${latest}, ${LINE} DESC\n`;
};

const conflictOf = ({ mode, keys, update, newest }: TableMapping): string => {
  if (mode === 'append') return '';
  const on = `ON CONFLICT (${keys.map(quoted).join(', ')})`;
  if (mode === 'insert') return `${on} DO NOTHING`;
  const set = update.map((name) => `${quoted(name)} = EXCLUDED.${quoted(name)}`).join(', ');
  const column = newest === undefined ? '' : quoted(newest);
  const guard = newest === undefined ? '' : ` WHERE target.${column} IS NULL OR target.${column} < EXCLUDED.${column}`;
  return `${on} DO UPDATE SET ${set}${guard}`;
};
