import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Operations } from '@millrace/operations';
import { topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  type PostgresServer,
  type RedisServer,
  ServerProcess,
  startPostgres,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import pg from 'pg';

const TABLES = `tables:
  - { topic: orders, table: orders, keys: [id], columns: { id: id } }
  - { topic: audit, table: audit, keys: [id], columns: { id: id } }
`;

describeOnRealRedis('sink-postgres, one of whose tables is dropped', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let client: pg.Client;
  let transport: RedisTransport;
  let child: ServerProcess | undefined;
  let prefixes = 0;
  let port: number;
  let ids = 0;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));

  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  });
  afterAll(async () => {
    await Promise.all([redis.stop(), postgres.stop()]);
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await child?.kill();
    await transport.close();
    await client.end();
  });

  const start = async (order: string): Promise<void> => {
    const url = await postgres.createDatabase(`two_tables_${prefixes}`);
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('CREATE TABLE orders (id text PRIMARY KEY); CREATE TABLE audit (id text PRIMARY KEY)');
    const keyPrefix = `two${prefixes++}:`;
    transport = new RedisTransport({ url: redis.url, keyPrefix });
    writeFileSync(join(folder, 'tables.yaml'), TABLES);
    port = await freePort();
    child = new ServerProcess({
      name: 'sink',
      program: process.execPath,
      args: [new URL('../dist/main.js', import.meta.url).pathname],
      env: {
        PATH: process.env.PATH ?? '',
        HOST: '127.0.0.1',
        PORT: String(port),
        LOG_LEVEL: 'warn',
        REDIS_URL: redis.url,
        KEY_PREFIX: keyPrefix,
        DATABASE_URL: url,
        TOPICS: 'orders,audit',
        ORDER: order,
        // Whatever is counted is a dead letter.
        ...{ MAPPING_FILE: join(folder, 'tables.yaml'), MAX_ATTEMPTS: '1', CLAIM_AFTER_MS: '1000' },
      },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    await waitFor(async () => (await health()) !== undefined, { what: 'the sink to listen' });
  };
  const health = async (): Promise<{ status: string; dependencies: Record<string, string> } | undefined> => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    return (await response?.json()) as never;
  };
  const publish = async (topic: string, count: number): Promise<void> => {
    const events = Array.from({ length: count }, () => {
      const id = `e${ids++}`;
      return { type: 't', json: JSON.stringify({ specversion: '1.0', id, source: '/s', type: 't', subject: id }) };
    });
    await transport.producer.append({ name: topicStream(topic), partition: 0 }, events);
  };
  const arrived = (table: string, count: number) =>
    waitFor(async () => (await client.query(`SELECT FROM ${table}`)).rowCount === count, {
      what: `${count} rows in ${table}`,
      timeoutMs: 30_000,
    });

  it.each(['none', 'fifo'])(
    'waits for it with its topic alone, counts nothing, and says so; ORDER=%s',
    async (order) => {
      await start(order);
      await publish('orders', 10);
      await arrived('orders', 10);
      await client.query('DROP TABLE orders');
      await publish('orders', 1200);
      await waitFor(
        async () => (await health())?.dependencies['topic orders']?.startsWith('down: table orders') === true,
        {
          what: 'the readiness to name the topic',
        },
      );
      await publish('audit', 700);
      await arrived('audit', 700);
      expect((await health())?.status).toBe('not ready');
      await client.query('CREATE TABLE orders (id text PRIMARY KEY)');
      await arrived('orders', 1200);
      await waitFor(async () => (await health())?.status === 'ready', { what: 'the sink to be ready' });
      const range = { group: 'sink-postgres', partition: 0, from: '-', to: '+' };
      expect(await new Operations(transport).deadLetters.newest(range, 10)).toEqual([]);
    },
  );
});
