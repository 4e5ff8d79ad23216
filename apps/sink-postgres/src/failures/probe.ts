import type { Pool } from '../pool.js';

/**
 * Writes a row that is there already once more, in a transaction that is rolled back. True where Postgres took it: the
 * table can be written, its triggers and defaults included. It may take no room on the disk, so a full one is not found.
 */
export const rewriteOne = async (pool: Pool, table: string, columns: string): Promise<boolean> => {
  const client = await pool.connect().catch(() => undefined);
  if (client === undefined) return false;
  let lost: Error | undefined;
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ n: number }>(`
      WITH one AS MATERIALIZED (SELECT ${columns} FROM ${table} LIMIT 1),
           written AS (INSERT INTO ${table} (${columns}) SELECT ${columns} FROM one ON CONFLICT DO NOTHING)
      SELECT count(*)::int AS n FROM one`);
    return rows[0]?.n === 1;
  } catch {
    return false; // Why is said of the rows that ask for it.
  } finally {
    await client.query('ROLLBACK').catch((error: Error) => (lost = error));
    client.release(lost);
  }
};
