import pg from 'pg';
import { waitFor } from '../wait-for.js';

/** Runs one exchange in a session of its own. */
export const withPostgres = async <T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A session that the server ends in the middle is reported here as well as to whoever waits for its answer.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** The server's version, `18.4`. */
export const versionOf = (url: string): Promise<string> =>
  withPostgres(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown';
  });

/** Ids of the processes that serve sessions or work in the background; none where the server does not say. */
export const processesOf = async (url: string): Promise<number[]> => {
  const sql = 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
  const ask = withPostgres(url, (client) => client.query<{ pid: number }>(sql));
  return ask.then(
    ({ rows }) => rows.map(({ pid }) => pid),
    () => [],
  );
};

/** Waits until the server takes sessions and gives its version; gives up at once when `alive` says no. */
export const awaitSession = (url: string, alive: () => boolean): Promise<string> =>
  waitFor(async () => (alive() ? versionOf(url) : 'dead'), {
    timeoutMs: 30_000,
    everyMs: 20,
    what: 'Postgres to take sessions',
  });

/** Makes the database unless it is there, and gives its URL. */
export const createDatabase = async (url: string, name: string): Promise<string> => {
  await withPostgres(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return;
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`).catch((error: { code?: string }) => {
      // Another client was quicker: duplicate_database, or a unique violation in the catalogue.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  });
  const made = new URL(url);
  made.pathname = `/${encodeURIComponent(name)}`;
  return made.href;
};
