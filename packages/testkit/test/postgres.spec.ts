import { existsSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type PostgresOptions, type PostgresServer, startPostgres, waitFor } from '../src/index.js';

const started: PostgresServer[] = [];
const start = async (options?: PostgresOptions): Promise<PostgresServer> => {
  const server = await startPostgres(options);
  started.push(server);
  return server;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
};

const lifeCycle = (options: PostgresOptions) => {
  it('keeps what was committed over kill and restart', async () => {
    const server = await start(options);
    expect(server.version).toMatch(/^\d+\.\d+/);
    const url = await server.createDatabase('a "name"');
    expect(await server.createDatabase('a "name"')).toBe(url);
    await query(url, 'CREATE TABLE t AS SELECT 42 AS n');
    await server.kill();
    await expect(query(url, 'SELECT n FROM t')).rejects.toThrow();
    await server.restart();
    expect(await query(url, 'SELECT n FROM t')).toEqual([[42]]);
    await server.restart();
    expect(await query(url, 'SELECT n FROM t')).toEqual([[42]]);
    await server.stop();
    await server.stop();
    await expect(query(url, 'SELECT n FROM t')).rejects.toThrow();
  });

  it('ends its sessions with it, also one that is busy', async () => {
    const server = await start(options);
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    // Busy in a way that never looks whether the server is there.
    const busy = client.query("SELECT count(*) FROM generate_series(1, 100000000000) AS n WHERE n::text = ''").then(
      () => 'answered',
      () => 'ended',
    );
    const running = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()";
    await waitFor(async () => (await query(server.url, running)).length > 0, { what: 'the session to be busy' });
    await server.kill();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    expect(await busy).toBe('ended');
    await server.restart();
  });
};

describe('embedded Postgres', () => {
  lifeCycle({ flavour: 'embedded' });

  it('starts twice at once, each with data of its own, which go with it', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(one.dataDir).not.toBe(other.dataDir);
    await query(one.url, 'CREATE TABLE t ()');
    await query(other.url, 'CREATE TABLE t ()');
    await one.stop();
    expect(existsSync(one.dataDir as string)).toBe(false);
  });

  it('does not run as root, listens on no socket file and asks for a password', async () => {
    const server = await start();
    expect(statSync(server.dataDir as string).uid).not.toBe(0);
    expect(await query(server.url, 'SHOW unix_socket_directories')).toEqual([['']]);
    expect(await query(server.url, 'SHOW fsync')).toEqual([['off']]);
    await expect(query(server.url.replace(/:[^:@]*@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('authentication failed');
  });

  it('keeps a data folder that was given, for the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-testkit-'));
    const dataDir = join(folder, 'pg');
    if (process.getuid?.() === 0) await expect(startPostgres({ dataDir })).rejects.toThrow('is closed to it');
    await chmod(folder, 0o755);
    const first = await start({ dataDir, durable: true });
    expect(await query(first.url, 'SHOW fsync')).toEqual([['on']]);
    await query(first.url, 'CREATE TABLE t AS SELECT 42 AS n');
    await first.stop();
    const second = await start({ dataDir });
    expect(await query(second.url, 'SELECT n FROM t')).toEqual([[42]]);
    await expect(startPostgres({ port: second.port })).rejects.toThrow(`port ${second.port} is taken`);
    await second.stop();
    await rm(folder, { recursive: true });
  });

  it('uses one that is given and leaves it alone', async () => {
    const server = await start();
    const given = await startPostgres({ url: server.url });
    expect(given.kind).toBe('given');
    await expect(given.kill()).rejects.toThrow('not ours');
    await given.stop();
    expect(await query(await given.createDatabase('x'), 'SELECT 1')).toEqual([[1]]);
    await expect(startPostgres({ url: 'postgres://127.0.0.1:1/x' })).rejects.toThrow('cannot use the Postgres');
  });
});

const describeDocker = process.env.MILLRACE_TEST_DOCKER === '1' ? describe : describe.skip;

describeDocker('Postgres in Docker (needs MILLRACE_TEST_DOCKER=1)', () => {
  lifeCycle({ flavour: 'docker' });
});
