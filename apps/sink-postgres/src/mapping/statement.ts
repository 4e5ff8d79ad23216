import type { Probe } from '../row-blame.js';
import type { Column } from './catalogue.js';
import type { ColumnSource, TableMapping } from './mapping.js';

/** The number of a line: a name that no column of a mapping has. */
const LINE = '"line number"';

const quoted = (name: string): string => `"${name}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const pathOf = (steps: readonly string[]): string => `ARRAY[${steps.map(literal).join(', ')}]`;

/** The value of a column before it is cast, as text and as JSON. What JSONata made comes beside the event. */
const rawOf = (source: ColumnSource, parameter: string): { text: string; json: string } => {
  switch (source.kind) {
    case 'path':
      return { text: `event #>> ${pathOf(source.steps)}`, json: `event #> ${pathOf(source.steps)}` };
    case 'jsonata':
      return { text: `${parameter}::jsonb #>> '{}'`, json: `${parameter}::jsonb` };
    case 'topic':
      return { text: 'topic', json: 'to_jsonb(topic)' };
    case 'position':
      return { text: 'stream_id', json: 'to_jsonb(stream_id)' };
  }
};

// A cast to a length would cut the value off; an assignment refuses it.
const withoutLength = (type: string): string =>
  type.replace(/^(character varying|character)\(\d+\)/, 'text').replace(/^bit\(\d+\)/, 'bit varying');

/** How Postgres makes the value of a column: it takes the event apart, so a number of 20 digits stays one. */
const expressionOf = ({ type, elementType }: Column, source: ColumnSource, parameter: string): string => {
  const { text, json } = rawOf(source, parameter);
  if (type === 'jsonb' || type === 'json') return `NULLIF(${json}, 'null'::jsonb)::${type}`;
  if (type === 'bytea') return `decode(${text}, 'base64')`;
  if (elementType === undefined) return `(${text})::${withoutLength(type)}`;
  const each = `ARRAY(SELECT jsonb_array_elements_text(${json})::${withoutLength(elementType)})`;
  return `CASE jsonb_typeof(${json}) WHEN 'array' THEN ${each} ELSE (${text})::${withoutLength(type)} END`;
};

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
    return { column, source, sql: expressionOf(column, source, parameters.get(column.name) ?? '') };
  });
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const chosen = columns.map(({ name }) => chosenOf(mapping, name)).join(', ');
  const select = expressions.map(({ column, sql }) => `${sql} AS ${quoted(column.name)}`).join(', ');
  const from = fromOf(parameters.size);
  return {
    text:
      `INSERT INTO ${tableOf(mapping)} AS target (${names})\n` +
      `SELECT ${distinctOf(mapping)}${chosen} FROM (SELECT ${select}, ${LINE} FROM ${from} OFFSET 0) AS made\n` +
      `${orderOf(mapping)}${conflictOf(mapping)}`,
    probes: expressions.map(({ column, source, sql }) => ({
      column: column.name,
      expression: sql,
      shown: rawOf(source, parameters.get(column.name) ?? '').text,
      length: lengthOf(column.type),
    })),
    from,
  };
};

const tableOf = ({ table }: TableMapping): string => table.split('.').map(quoted).join('.');

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

// One statement changes a row once: of several with the same keys the newest goes, or the last.
const distinctOf = ({ mode, keys }: TableMapping): string =>
  mode === 'upsert' ? `DISTINCT ON (${keys.map(quoted).join(', ')}) ` : '';

// What an update leaves alone is what the first of them had, as if they had come one by one.
const chosenOf = ({ mode, keys, update }: TableMapping, name: string): string =>
  mode !== 'upsert' || keys.includes(name) || update.includes(name)
    ? quoted(name)
    : `first_value(${quoted(name)}) OVER (PARTITION BY ${keys.map(quoted).join(', ')} ORDER BY ${LINE}) AS ${quoted(name)}`;

const orderOf = ({ mode, keys, newest }: TableMapping): string => {
  if (mode !== 'upsert') return `ORDER BY ${LINE}\n`;
  const latest = newest === undefined ? [] : [`${quoted(newest)} DESC NULLS LAST`];
  return `ORDER BY ${[...keys.map(quoted), ...latest, `${LINE} DESC`].join(', ')}\n`;
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
