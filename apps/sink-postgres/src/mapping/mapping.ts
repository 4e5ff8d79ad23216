import { compileExpression } from '@millrace/expressions';
import { shown } from '@millrace/json';
import { parseYaml } from '@millrace/json/yaml';
import { isName } from '@millrace/streams';

/** A mapping that cannot be used: says where, and what is accepted. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
}

/** Where a column's value comes from. */
export type ColumnSource =
  /** A member of the event, by its path: `data.amount`. */
  | { readonly kind: 'path'; readonly steps: readonly string[] }
  | { readonly kind: 'jsonata'; readonly expression: string }
  /** What is known of the delivery. */
  | { readonly kind: 'topic' | 'position' };

/** How rows that are there already are treated. `append`: there are no keys, and a repeat is another row. */
export type WriteMode = 'insert' | 'upsert' | 'append';

/** Where the events of a topic go. */
export interface TableMapping {
  readonly topic: string;
  /** With its schema, if it has one. */
  readonly table: string;
  readonly mode: WriteMode;
  readonly columns: ReadonlyMap<string, ColumnSource>;
  /** What makes a row the same row; empty for `append`. */
  readonly keys: readonly string[];
  /** What an upsert changes. */
  readonly update: readonly string[];
  /** A row is changed only by one of which this column is greater. */
  readonly newest: string | undefined;
}

const KNOWN = new Set(['topic', 'table', 'mode', 'columns', 'keys', 'update', 'newest']);
const MODES: readonly string[] = ['insert', 'upsert', 'append'] satisfies WriteMode[];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;
const STEP = /^[^.]+$/;

/** The mappings of a YAML text: `tables:` and a list. Throws a `MappingError`. */
export const parseMappings = (text: string, file: string): TableMapping[] => {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    throw new MappingError(`${file}: ${(error as Error).message}`);
  }
  const written = (document as { tables?: unknown } | null)?.tables;
  if (!Array.isArray(written)) throw new MappingError(`${file}: a file of mappings has a list under "tables"`);
  const all = written.map((one, i) => parseMapping(one, `${file}: table ${i + 1}`));
  const topics = new Set<string>();
  for (const { topic } of all) {
    if (topics.has(topic)) throw new MappingError(`${file}: topic "${topic}" is mapped twice`);
    topics.add(topic);
  }
  return all;
};

const parseMapping = (written: unknown, where: string): TableMapping => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new MappingError(`${where}: must be an object with topic, table and columns`);
  }
  const { topic, table, mode = 'insert', columns, keys, update, newest } = written as Record<string, unknown>;
  if (typeof topic !== 'string' || !isName(topic)) {
    throw new MappingError(`${where}: topic must be the name of a topic, got ${shown(topic)}`);
  }
  const at = `table for topic "${topic}"`;
  for (const key of Object.keys(written)) {
    if (!KNOWN.has(key)) throw new MappingError(`${at}: "${key}" is unknown; expected ${[...KNOWN].join(', ')}`);
  }
  if (!MODES.includes(mode as string)) {
    throw new MappingError(`${at}: mode must be one of ${MODES.join(', ')}, got ${shown(mode)}`);
  }
  const read = readColumns(columns, at);
  const rules = readRules(mode as WriteMode, { keys, update, newest }, read, at);
  return { topic, table: readTable(table, at), mode: mode as WriteMode, columns: read, ...rules };
};

const readTable = (table: unknown, at: string): string => {
  const parts = typeof table === 'string' ? table.split('.') : [];
  if (parts.length < 1 || parts.length > 2 || !parts.every((part) => IDENTIFIER.test(part))) {
    throw new MappingError(`${at}: table must be a name such as orders or shop.orders, got ${shown(table)}`);
  }
  return parts.join('.');
};

const readColumns = (columns: unknown, at: string): ReadonlyMap<string, ColumnSource> => {
  const entries =
    typeof columns === 'object' && columns !== null && !Array.isArray(columns) ? Object.entries(columns) : [];
  if (entries.length === 0) {
    throw new MappingError(`${at}: columns must be an object of column names and their sources, got ${shown(columns)}`);
  }
  return new Map(
    entries.map(([name, source]) => {
      if (!IDENTIFIER.test(name)) throw new MappingError(`${at}: ${shown(name)} is not a valid column name`);
      return [name, readSource(source, `${at}: column ${name}`)];
    }),
  );
};

const readSource = (source: unknown, at: string): ColumnSource => {
  if (source === '$topic') return { kind: 'topic' };
  if (source === '$position') return { kind: 'position' };
  if (typeof source === 'string') {
    const steps = source.split('.');
    if (source.startsWith('$') || !steps.every((step) => STEP.test(step))) {
      throw new MappingError(`${at} must be a path such as data.amount, $topic or $position, got ${shown(source)}`);
    }
    return { kind: 'path', steps };
  }
  const { jsonata: expression, ...rest } = (source ?? {}) as { jsonata?: unknown };
  if (typeof expression !== 'string' || Object.keys(rest).length > 0) {
    throw new MappingError(`${at} must be a path, or an object with a jsonata expression, got ${shown(source)}`);
  }
  try {
    compileExpression(expression, 1000);
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    throw new MappingError(`${at}: ${message} at character ${position ?? 0} of: ${expression}`);
  }
  return { kind: 'jsonata', expression };
};

const readRules = (
  mode: WriteMode,
  { keys, update, newest }: { keys: unknown; update: unknown; newest: unknown },
  columns: ReadonlyMap<string, ColumnSource>,
  at: string,
): Pick<TableMapping, 'keys' | 'update' | 'newest'> => {
  const given = { keys, update, newest };
  for (const [name, value] of Object.entries(given)) {
    const isTaken = mode === 'upsert' || (mode === 'insert' && name === 'keys');
    if (value !== undefined && !isTaken) throw new MappingError(`${at}: ${name} is not allowed with mode ${mode}`);
  }
  const known = (name: string, value: unknown): string[] => {
    const list = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(list) || list.length === 0) {
      throw new MappingError(`${at}: ${name} must be a list of its columns, got ${shown(value)}`);
    }
    const foreign = list.find((one) => !columns.has(one as string));
    if (foreign !== undefined)
      throw new MappingError(`${at}: ${name} names ${shown(foreign)}, which is not one of its columns`);
    return list as string[];
  };
  if (mode === 'append') return { keys: [], update: [], newest: undefined };
  const keyColumns = known('keys', keys);
  if (mode === 'insert') return { keys: keyColumns, update: [], newest: undefined };
  const others = [...columns.keys()].filter((name) => !keyColumns.includes(name));
  const updated = update === undefined ? others : known('update', update);
  if (updated.length === 0) throw new MappingError(`${at}: there is nothing to update; use mode: insert`);
  const key = updated.find((name) => keyColumns.includes(name));
  if (key !== undefined) throw new MappingError(`${at}: update names ${key}, which is one of its keys`);
  const [latest, ...more] = newest === undefined ? [] : known('newest', newest);
  if (more.length > 0) throw new MappingError(`${at}: newest must be one of its columns, got ${shown(newest)}`);
  return { keys: keyColumns, update: updated, newest: latest };
};
