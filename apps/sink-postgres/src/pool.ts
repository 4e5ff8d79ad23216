import type { Logger } from '@millrace/host';
import pg from 'pg';
import { isLost } from './failures/sql-state.js';
import type { SinkPostgresConfig } from './sink-postgres-config.js';

export type Pool = pg.Pool;

const CONNECT_TIMEOUT_MS = 5000;
/** Beyond the statement's own time-out: for a server that does not answer at all. */
const SILENCE_MS = 5000;

/** Connections to Postgres, opened when they are needed. Throws a sentence if the URL cannot be read. */
export const openPool = (config: SinkPostgresConfig, log: Logger): Pool => {
  const pool = new pg.Pool({
    connectionString: config.DATABASE_URL,
    max: config.POOL_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A pooler would refuse it, or give it to whoever has the connection next.
    ...(config.POOLER === 'none' ? { statement_timeout: config.STATEMENT_TIMEOUT } : {}),
    query_timeout: config.STATEMENT_TIMEOUT + SILENCE_MS,
    application_name: 'millrace-sink-postgres',
    keepAlive: true,
  });
  // An idle connection that the server ends: the next write opens another, or says that it cannot.
  pool.on('error', (error) => log.debug({ err: error.message }, 'lost an idle connection to Postgres'));
  // One in use, of which the statement tells too: without a listener the process would end.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/**
 * Lends a connection. It goes back to the pool where the work is done, or failed with a statement alone; where it is not known what
 * it still does, as after a time-out, it is closed: a transaction that is left open would take in what others write.
 */
export const lend = async <T>(pool: Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let lost: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    if (isLost(error)) lost = error as Error;
    throw error;
  } finally {
    client.release(lost);
  }
};

/** As `pool.query`, which opens a new connection after every error; here one that failed with its statement alone is kept. */
export const query = <R extends pg.QueryResultRow>(
  pool: Pool,
  text: string,
  values?: unknown[],
): Promise<pg.QueryResult<R>> => lend(pool, (client) => client.query<R>(text, values));

/** Runs the work in a transaction, which is committed, or rolled back where the work fails. */
export const transaction = (pool: Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> =>
  lend(pool, async (client) => {
    await client.query('BEGIN');
    try {
      await work(client);
      await client.query('COMMIT');
    } catch (error) {
      // A connection that is closed is rolled back.
      if (!isLost(error)) await client.query('ROLLBACK');
      throw error;
    }
  });
