import type { PoolClient } from 'pg';
import { MappingError, type TableMapping } from './mapping.js';

/** A column as Postgres's catalogue has it; a domain by what it is made of. */
export interface Column {
  readonly name: string;
  /** With its length or precision: `character varying(20)`. */
  readonly type: string;
  /** Of the elements, where it is an array; without length or precision. */
  readonly elementType: string | undefined;
  /** By which texts are compared, where that is not the database's. */
  readonly collation: string | undefined;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly element: string | null;
  readonly collation: string | null;
  readonly nullable: boolean;
  readonly required: boolean;
  readonly generated: boolean;
}

/** What a type is made of, through as many domains as there are. */
const baseOf = (oid: string, mod: string): string => `(
  WITH RECURSIVE chain (oid, mod) AS (
    VALUES (${oid}, ${mod})
    UNION ALL
    SELECT typbasetype, typtypmod FROM chain JOIN pg_type ON pg_type.oid = chain.oid WHERE typtype = 'd'
  )
  SELECT chain.oid, chain.mod, typelem, typcategory
  FROM chain JOIN pg_type ON pg_type.oid = chain.oid WHERE typtype <> 'd')`;

const COLUMNS = `
  SELECT attname AS name, format_type(base.oid, base.mod) AS type,
         CASE WHEN base.typcategory = 'A' THEN format_type(element.oid, NULL) END AS element,
         CASE WHEN collname <> 'default' THEN format('%I.%I', nspname, collname) END AS collation,
         NOT attnotnull AS nullable, attnotnull AND NOT atthasdef AND attidentity = '' AS required,
         attgenerated <> '' OR attidentity = 'a' AS generated
  FROM pg_attribute
  CROSS JOIN LATERAL ${baseOf('atttypid', 'atttypmod')} AS base
  LEFT JOIN LATERAL ${baseOf('base.typelem', '-1')} AS element ON base.typcategory = 'A'
  LEFT JOIN pg_collation ON pg_collation.oid = attcollation
  LEFT JOIN pg_namespace ON pg_namespace.oid = collnamespace
  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
  ORDER BY attnum`;

/** The statement quotes it, so it is looked for as it is written. */
const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');

/** Unique indexes over whole columns and all rows, checked at once: those that ON CONFLICT can infer. */
const UNIQUE = `
  SELECT array_agg(attname::text ORDER BY attname) AS columns
  FROM pg_index JOIN pg_attribute
    ON attrelid = indrelid AND attnum = ANY ((string_to_array(indkey::text, ' ')::int[])[1:indnkeyatts])
  WHERE indrelid = to_regclass($1) AND indisunique AND indisvalid AND indimmediate
    AND indpred IS NULL AND indexprs IS NULL
  GROUP BY indexrelid`;

/**
 * The columns of a mapping as its table has them, in the order of the mapping. Throws a `MappingError` that says what does
 * not fit: no such table or column, a column that has to have a value and gets none, keys that are not unique.
 */
export const checkTable = async (client: PoolClient, mapping: TableMapping): Promise<Column[]> => {
  const { table, columns, keys, topic } = mapping;
  const at = `table ${table}, for topic "${topic}"`;
  const { rows } = await client.query<ColumnRow>(COLUMNS, [quoted(table)]);
  if (rows.length === 0) throw new MappingError(`${at}: the table does not exist`);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const found = [...columns.keys()].map((name): Column => {
    const column = byName.get(name);
    if (column === undefined) {
      throw new MappingError(`${at}: it has no column ${name}; it has ${rows.map((row) => row.name).join(', ')}`);
    }
    if (column.generated) throw new MappingError(`${at}: column ${name} is generated and cannot be written`);
    const { type, element, collation } = column;
    return { name, type, elementType: element ?? undefined, collation: collation ?? undefined };
  });
  const missing = rows.find(({ name, required, generated }) => required && !generated && !columns.has(name));
  if (missing !== undefined) {
    throw new MappingError(`${at}: column ${missing.name} is NOT NULL without a default, and nothing is mapped to it`);
  }
  const nullable = keys.find((name) => byName.get(name)?.nullable);
  if (nullable !== undefined) {
    throw new MappingError(`${at}: key ${nullable} is nullable, and nulls are never equal`);
  }
  if (keys.length > 0) await checkKeys(client, table, keys, at);
  return found;
};

const checkKeys = async (client: PoolClient, table: string, keys: readonly string[], at: string): Promise<void> => {
  const { rows } = await client.query<{ columns: string[] }>(UNIQUE, [quoted(table)]);
  const wanted = [...keys].sort().join(', ');
  if (rows.some(({ columns }) => [...columns].sort().join(', ') === wanted)) return;
  const there = rows.map(({ columns }) => `(${columns.join(', ')})`).join(', ') || 'none';
  throw new MappingError(`${at}: there is no primary key or unique index on (${keys.join(', ')}); there are: ${there}`);
};
