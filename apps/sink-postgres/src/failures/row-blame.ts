import { type Pool, query } from '../pool.js';
import type { Culprit } from '../target.js';
import { isPostgresError } from './sql-state.js';

/** A column, how Postgres takes its value out of the event, and how it shows that value. */
export interface Probe {
  readonly column: string;
  /** Over `event`, which is jsonb, and what `from` gives beside it. */
  readonly expression: string;
  /** The same as text, before any cast. */
  readonly shown: string;
  /** Most characters that the column takes, where its type says so: a cast would cut them off without a word. */
  readonly length?: number | undefined;
}

/** How long a value may be in a message. */
const SHOWN = 200;

/**
 * Asks Postgres which column of one row it cannot make, column by column, in a transaction that is rolled back. `from` is
 * what follows FROM, and `values` its parameters. No column where the event itself cannot be read; undefined where every column
 * can be made: then it is not a value alone.
 */
export const findCulprit = async (
  pool: Pool,
  probes: readonly Probe[],
  from: string,
  values: readonly unknown[],
): Promise<Culprit | undefined> => {
  try {
    await query(pool, `SELECT event FROM ${from}`, [...values]);
  } catch (error) {
    return isPostgresError(error) ? { column: undefined, value: null } : undefined;
  }
  for (const { column, expression, shown, length } of probes) {
    const isTooLong = async (): Promise<boolean> => {
      if (length === undefined) return false;
      const { rows } = await query<{ long: boolean }>(
        pool,
        `SELECT length(${shown}) > ${length} AS long FROM ${from}`,
        [...values],
      );
      return rows[0]?.long === true;
    };
    try {
      await query(pool, `SELECT ${expression} FROM ${from}`, [...values]);
      if (!(await isTooLong())) continue;
    } catch (error) {
      if (!isPostgresError(error)) return undefined; // The server is gone: the caller has the first error.
    }
    return { column, value: await show(pool, shown, from, values) };
  }
  return undefined;
};

const show = async (pool: Pool, shown: string, from: string, values: readonly unknown[]): Promise<string | null> => {
  try {
    const { rows } = await query<{ value: string | null }>(pool, `SELECT ${shown} AS value FROM ${from}`, [...values]);
    return rows[0]?.value?.slice(0, SHOWN) ?? null;
  } catch {
    return null; // Not even as text.
  }
};
