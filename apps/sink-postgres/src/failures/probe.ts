import { lend, type Pool } from '../pool.js';
import { isLost } from './sql-state.js';

/**
 * Writes a row that is there already once more, in a transaction that is rolled back. True where Postgres took it: the
 * table can be written, its triggers and defaults included. It may take no room on the disk, so a full one is not found.
 */
export const rewriteOne = (pool: Pool, table: string, columns: string): Promise<boolean> =>
  lend(pool, async (client) => {
    await client.query('BEGIN');
    const written = await client
      .query<{ n: number }>(`
        WITH one AS MATERIALIZED (SELECT ${columns} FROM ${table} LIMIT 1),
             written AS (INSERT INTO ${table} (${columns}) SELECT ${columns} FROM one ON CONFLICT DO NOTHING)
        SELECT count(*)::int AS n FROM one`)
      .then(({ rows }) => rows[0]?.n === 1)
      .catch((error: unknown) => {
        if (isLost(error)) throw error;
        return false;
      });
    await client.query('ROLLBACK');
    return written;
  }).catch(() => false); // Why is said of the rows that ask for it.
