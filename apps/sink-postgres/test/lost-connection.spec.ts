import { type PostgresServer, startPostgres } from '@millrace/testkit';
import pg from 'pg';
import { openPool } from '../src/pool.js';
import { SinkPostgresConfig } from '../src/sink-postgres-config.js';

const SILENT = { debug: () => undefined } as unknown as Parameters<typeof openPool>[1];

describe('a connection in use that the server ends', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  // Nobody listened to a client between its statements, and the process ended with it.
  it('does not end the process, whoever has it and whatever they do', async () => {
    const pool = openPool(Object.assign(new SinkPostgresConfig(), { DATABASE_URL: postgres.url }), SILENT);
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const lost = new Promise<Error>((resolve) => client.once('error', resolve));
    expect(client.listenerCount('error')).toBeGreaterThan(1);
    const other = new pg.Client({ connectionString: postgres.url });
    await other.connect();
    await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    expect((await lost).message).toMatch(/terminat/i);
    client.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
    await other.end();
  });
});
