import { readdirSync, readFileSync } from 'node:fs';
import { createLogger } from '@millrace/host';
import { type PostgresServer, startPostgres, waitFor } from '@millrace/testkit';
import pg from 'pg';
import { lend, openPool, type Pool, query, transaction } from '../src/pool.js';
import { SinkPostgresConfig } from '../src/sink-postgres-config.js';

const LOCK = 'SELECT pg_advisory_xact_lock(7)';
const SOURCE = new URL('../src/', import.meta.url);

// Protected by `lend`: a connection that came back with a transaction open took in rows that were acknowledged and never committed.
describe('a connection', () => {
  let server: PostgresServer;
  let pool: Pool;
  let other: pg.Client;

  beforeAll(async () => {
    server = await startPostgres();
    const url = await server.createDatabase('connections');
    const config = Object.assign(new SinkPostgresConfig(), { DATABASE_URL: url, POOLER: 'transaction', POOL_MAX: 1 });
    // Only the client runs out of time, as behind a pooler, or where the network stands still.
    pool = openPool(
      Object.assign(config, { STATEMENT_TIMEOUT: -4500 }),
      createLogger({ hop: 'test', level: 'silent', format: 'json' }),
    );
    other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('CREATE TABLE t (n integer PRIMARY KEY)');
  });
  afterAll(async () => {
    await pool.end();
    await other.end();
    await server.stop();
  });
  beforeEach(() => other.query('TRUNCATE t'));

  const rows = async (): Promise<number[]> => (await other.query('SELECT n FROM t ORDER BY n')).rows.map(({ n }) => n);
  const pidOf = async (): Promise<number> =>
    (await query<{ pid: number }>(pool, 'SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;

  it.each([
    ['a transaction', () => transaction(pool, async (client) => void (await client.query(LOCK)))],
    ['a statement', () => query(pool, LOCK)],
    [
      'work of its own',
      () =>
        lend(pool, async (client) => {
          await client.query('BEGIN');
          await client.query(LOCK);
        }),
    ],
  ])('that ran out of time in %s is not used again', async (_, work) => {
    await other.query('BEGIN');
    await other.query(LOCK);
    await expect(work()).rejects.toThrow(/timeout/i);
    await other.query('COMMIT');
    await query(pool, 'INSERT INTO t VALUES (1)');
    expect(await rows()).toEqual([1]);
    const open = "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    await waitFor(async () => (await other.query(open)).rows.length === 0, { what: 'what was left to be rolled back' });
  });

  it('whose statement fails is used again, with nothing open', async () => {
    const pid = await pidOf();
    await query(pool, 'INSERT INTO t VALUES (1)');
    await expect(query(pool, 'INSERT INTO t VALUES (1)')).rejects.toThrow('duplicate key');
    const twice = transaction(pool, async (client) => {
      await client.query('INSERT INTO t VALUES (2)');
      await client.query('INSERT INTO t VALUES (1)');
    });
    await expect(twice).rejects.toThrow('duplicate key');
    await query(pool, 'INSERT INTO t VALUES (3)');
    expect([await pidOf(), await rows()]).toEqual([pid, [1, 3]]);
  });

  it('is asked for in pool.ts alone', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const asking = files.filter((file) =>
      /\.connect\(\)|pool\.query\(/.test(readFileSync(new URL(file, SOURCE), 'utf8')),
    );
    expect(asking).toEqual(['pool.ts']);
  });
});
