import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Evaluator } from '@millrace/expressions';
import { createLogger, Metrics } from '@millrace/host';
import { type SinkEvent, sinkEventOf } from '@millrace/sink';
import { freePort, type PostgresServer, programOnPath, ServerProcess, startPostgres, waitFor } from '@millrace/testkit';
import pg from 'pg';
import { EventsTable } from '../src/events-table/events-table.js';
import { MappedTable } from '../src/mapping/mapped-table.js';
import { parseMappings, type TableMapping } from '../src/mapping/mapping.js';
import { openPool, type Pool } from '../src/pool.js';
import { PostgresSink } from '../src/postgres-sink.js';
import { SinkPostgresConfig } from '../src/sink-postgres-config.js';

const PGBOUNCER = programOnPath('pgbouncer');
const describeBehindPooler = PGBOUNCER === undefined ? describe.skip : describe;
const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

const evaluator = new Evaluator({ timeoutMs: 100, memoryMb: 128 });

const eventOf = (n: number, topic: string): SinkEvent => {
  const json = `{"specversion":"1.0","id":"${n}","source":"/s","type":"a","time":"2026-01-01T00:00:00Z","data":{"n":${n}}}`;
  return sinkEventOf({
    event: { type: 'a', json },
    attempt: 1,
    position: '1795-0',
    stream: `topic:${topic}`,
    partition: 0,
  });
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.end());
  });

describeBehindPooler('behind PgBouncer by the transaction (needs pgbouncer)', () => {
  let server: PostgresServer;
  let bouncer: ServerProcess;
  let folder: string;
  let pool: Pool;
  let direct: pg.Client;
  let sink: PostgresSink;

  beforeAll(async () => {
    server = await startPostgres();
    const url = new URL(await server.createDatabase('pooled'));
    folder = await mkdtemp(join(tmpdir(), 'millrace-bouncer-'));
    await chmod(folder, 0o755);
    const port = await freePort();
    const config = join(folder, 'pgbouncer.ini');
    await writeFile(
      config,
      `[databases]\npooled = host=127.0.0.1 port=${url.port} user=${url.username} password=${url.password}\n` +
        `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = any\npool_mode = transaction\n` +
        'default_pool_size = 2\nunix_socket_dir =\n',
    );
    // It does not run as root.
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    bouncer = new ServerProcess({
      name: 'pgbouncer',
      program: PGBOUNCER as string,
      args: [...user, config],
      stopSignal: 'SIGINT',
      guardSignal: 'KILL',
    });
    await waitFor(() => answers(port), { what: 'pgbouncer' });
    direct = new pg.Client({ connectionString: url.href });
    await direct.connect();
    await direct.query('CREATE TABLE mapped (id text PRIMARY KEY, n integer)');
    const options = { DATABASE_URL: `postgres://x@127.0.0.1:${port}/pooled`, POOLER: 'transaction', POOL_MAX: 8 };
    pool = openPool(Object.assign(new SinkPostgresConfig(), options), log);
    const events = new EventsTable(pool, 'events', { migrates: true, isPartitioned: true, copies: false }, log);
    const [mapping] = parseMappings(
      'tables: [{ topic: mapped, table: mapped, mode: upsert, keys: [id], columns: { id: id, n: data.n } }]',
      'test',
    );
    const mapped = new MappedTable(pool, mapping as TableMapping, evaluator, log);
    const targets = { of: (topic: string) => (topic === 'mapped' ? mapped : events), all: [events, mapped] };
    sink = new PostgresSink(targets, pool, new Metrics());
  });

  afterAll(async () => {
    evaluator.close();
    await pool?.end();
    await direct?.end();
    await bouncer?.stop();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const count = async (table: string): Promise<number> =>
    Number((await direct.query(`SELECT count(*) FROM ${table}`)).rows[0]?.count);

  it('writes, makes tables and months, and upserts, from many connections at once', async () => {
    const batches = Array.from({ length: 8 }, (_, b) =>
      Array.from({ length: 200 }, (__, n) => eventOf(b * 200 + n, n % 2 === 0 ? 'events' : 'mapped')),
    );
    const failures = await Promise.all(batches.map((batch) => sink.write(batch)));
    expect(failures.flat()).toEqual([]);
    expect([await count('events'), await count('mapped')]).toEqual([800, 800]);
    await Promise.all(batches.map((batch) => sink.write(batch)));
    expect([await count('events'), await count('mapped')]).toEqual([800, 800]);
  });

  it('goes on after PgBouncer was asked to drop every connection to the server', async () => {
    await direct.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'pooled'",
    );
    await waitFor(
      () =>
        sink
          .write([eventOf(5000, 'events')])
          .then((failures) => failures.length === 0)
          .catch(() => false),
      { what: 'a write' },
    );
    expect(await count('events')).toBe(801);
  });
});
