import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  type PostgresServer,
  type Receiver,
  type RedisServer,
  startPostgres,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import pg from 'pg';
import { Service } from '../../src/stack/service.js';

const ROUTES = 'routes:\n  - { name: all, pattern: { type: [thing] }, topics: [things] }\n';
const SECRET = `whsec_${Buffer.from('a secret of the test of a full Redis').toString('base64')}`;
const EVENTS = 60;
const data = 'x'.repeat(20_000);

// Protected by `Functions.script`, `join` and `Notes`: without them a sink that starts on a full Redis can load no library,
// make no group and register nothing, and the router can record no decision; so nothing reads, and Redis stays full.
describeOnRealRedis('a Redis that is full while every service restarts', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let receiver: Receiver;
  let transport: RedisTransport;
  let client: Connection;
  let database: pg.Client;
  let folder: string;
  const services = new Map<string, Service>();
  const lines: string[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<void> => {
    const spec = { name, port: await freePort(), env: { REDIS_URL: redis.url, CLAIM_AFTER_MS: '1000', ...env } };
    const service = new Service({ ...spec, env: { ...spec.env, LOG_LEVEL: 'warn' } }, (who, line) =>
      lines.push(`${who}: ${line}`),
    );
    services.set(name, service);
    await waitFor(() => service.ready(), { what: `${name} to be ready: ${lines.slice(-5)}`, timeoutMs: 30_000 });
  };

  const environments = (): Record<string, Record<string, string>> => ({
    gateway: {},
    router: { ROUTES_FILE: join(folder, 'routes.yaml') },
    'sink-postgres': { TOPICS: 'things', DATABASE_URL: postgres.url },
    'sink-webhook': {
      TOPICS: 'things',
      ALLOW_NETWORKS: '127.0.0.0/8',
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: SECRET,
    },
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-full-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    receiver = await startReceiver({ secret: SECRET });
    transport = new RedisTransport({ url: redis.url });
    client = transport.connections.connect('test');
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    await Promise.all(Object.entries(environments()).map(([name, env]) => start(name, env)));
  }, 120_000);

  afterAll(async () => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    await database?.end();
    await transport?.close();
    await receiver?.stop();
    await Promise.all([redis?.stop(), postgres?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const kill = async (...names: string[]): Promise<void> => {
    await Promise.all(names.map((name) => services.get(name)?.kill()));
  };

  const post = async (from: number): Promise<number> => {
    const line = (n: number) => JSON.stringify({ specversion: '1.0', id: `${n}`, source: 'full', type: 'thing', data });
    const answer = await fetch(`${services.get('gateway')?.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: Array.from({ length: EVENTS }, (_, n) => `${line(from + n)}\n`).join(''),
    });
    return answer.status;
  };

  const rows = async (): Promise<number> =>
    Number((await database.query('SELECT count(*) FROM millrace_events')).rows[0].count);
  /** In events; nothing was trimmed. */
  const lengthOf = async (stream: string): Promise<number> =>
    (await client.xlen(`mr:{p0}:${stream}`)) + Number(await client.hget('mr:{p0}:frames', `added ${stream}`));

  it('is drained by them, whatever they find, and takes events again', async () => {
    for (let n = 0; n < 5; n += 1) expect(await post(n * EVENTS)).toBe(202);
    await waitFor(async () => (await rows()) === 5 * EVENTS, { what: 'the first events in Postgres' });
    await kill('sink-postgres', 'sink-webhook');
    for (let n = 5; n < 20; n += 1) expect(await post(n * EVENTS)).toBe(202);
    await waitFor(async () => (await lengthOf('topic:things')) === 20 * EVENTS, { what: 'the topic to have all' });
    await kill('router');
    for (let n = 20; n < 22; n += 1) expect(await post(n * EVENTS)).toBe(202);
    await kill('gateway');
    // As a new version finds it, which has another library, on a server with new groups.
    await client.call('FUNCTION', 'FLUSH');
    const used = (await transport.server.memory())?.used ?? 0;
    await client.config('SET', 'maxmemory', String(Math.round(used * 0.9)));
    await expect(client.xadd('probe', '*', 'a', 'b')).rejects.toThrow(/OOM/);

    const all = { ...environments(), 'sink-files': { TOPICS: 'things', DIRECTORY: join(folder, 'files') } };
    await Promise.all(Object.entries(all).map(([name, env]) => start(name, env)));

    await waitFor(async () => (await rows()) === 22 * EVENTS, {
      what: `all events in Postgres: ${await rows()}`,
      timeoutMs: 60_000,
    });
    const delivered = () => receiver.ids.size;
    await waitFor(() => delivered() === 22 * EVENTS, { what: 'all events at the endpoint', timeoutMs: 60_000 });
    await waitFor(async () => (await post(22 * EVENTS)) === 202, { what: 'a 202', timeoutMs: 30_000 });
    await waitFor(async () => (await rows()) === 23 * EVENTS, { what: 'what was accepted then', timeoutMs: 30_000 });
    const names = ['sink-files', 'sink-postgres', 'sink-webhook'];
    for (const group of names) {
      await waitFor(
        async () => (await transport.streams.backlog({ name: 'topic:things', partition: 0 }, group)) === 0,
        {
          what: group,
        },
      );
    }
    const memory = await transport.server.memory();
    expect(memory?.used).toBeLessThan(memory?.max ?? 0);
  }, 240_000);
});
