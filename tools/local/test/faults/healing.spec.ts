import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  type PostgresServer,
  type RedisServer,
  startPostgres,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import pg from 'pg';
import { Service } from '../../src/stack/service.js';

const ROUTES = 'routes:\n  - { name: all, pattern: { type: [{ prefix: it. }] }, topics: [things] }\n';
const FAST = { CLAIM_AFTER_MS: '1000', LOG_LEVEL: 'warn' };

describeOnRealRedis('every service goes on by itself', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let folder: string;
  let transport: RedisTransport;
  let client: Connection;
  const services: Service[] = [];
  const lines: string[] = [];
  let sent = 0;

  const start = async (name: string, env: Record<string, string>): Promise<Service> => {
    const service = new Service(
      { name, port: await freePort(), env: { REDIS_URL: redis.url, ...FAST, ...env } },
      (_, line) => lines.push(line),
    );
    services.push(service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-healing-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    const config = { appendonly: 'yes', appendfsync: 'always' };
    [redis, postgres] = await Promise.all([startRedis({ config }), startPostgres({ durable: true })]);
    transport = new RedisTransport({ url: redis.url });
    client = transport.connections.connect('test');
    await start('gateway', {});
    await start('router', { ROUTES_FILE: join(folder, 'routes.yaml') });
    await start('sink-postgres', { DATABASE_URL: postgres.url });
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await transport?.close();
    await Promise.all([redis?.stop(), postgres?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const rowOf = async (id: string): Promise<boolean> => {
    const database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    try {
      const { rows } = await database.query('SELECT count(*) FROM millrace_events WHERE id = $1', [id]);
      return rows[0].count === '1';
    } finally {
      await database.end();
    }
  };

  /** One event goes all the way. It is sent until it is accepted, as a client does. */
  const passes = async (): Promise<void> => {
    const id = `event-${sent++}`;
    const event = { specversion: '1.0', id, source: 'healing', type: 'it.happened' };
    await waitFor(
      async () => {
        const answer = await fetch(`${(services[0] as Service).url}/v1/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/cloudevents+json' },
          body: JSON.stringify(event),
        });
        return answer.status === 202;
      },
      { what: `${id} to be accepted`, everyMs: 50 },
    );
    await waitFor(() => rowOf(id), { what: `${id} to be a row`, everyMs: 50 });
  };
  const isReady = async (): Promise<boolean> => (await Promise.all(services.map((one) => one.ready()))).every(Boolean);
  const noneReady = async (): Promise<boolean> =>
    (await Promise.all(services.map((one) => one.ready()))).every((it) => !it);
  const readyAgain = () => waitFor(isReady, { what: 'all to be ready again', everyMs: 50 });

  it.each([
    ['FLUSHALL', /consumer group router missing in partition 0/],
    ['FUNCTION FLUSH', /Function library missing/],
    ['XGROUP DESTROY mr:{p0}:in router', /consumer group router missing/],
    ['XGROUP DESTROY mr:{p0}:topic:things sink-postgres', /consumer group sink-postgres missing/],
    ['DEL mr:{p0}:in', /consumer group router missing/],
    ['DEL mr:{p0}:topic:things', /consumer group sink-postgres missing/],
    ['DEL mr:{p0}:lease:router', undefined],
    ['CLIENT KILL TYPE normal SKIPME yes', undefined],
  ])('after %s, and says so', async (command, notice) => {
    await passes();
    lines.length = 0;
    const [name, ...args] = command.split(' ');
    await client.call(name as string, ...args);
    await passes();
    await readyAgain();
    if (notice !== undefined) await waitFor(() => lines.some((line) => notice.test(line)), { what: String(notice) });
  });

  it('after a kill of Redis, and tells the truth meanwhile', async () => {
    await passes();
    await redis.kill();
    await waitFor(noneReady, { what: 'no service to be ready', everyMs: 50 });
    await redis.restart();
    await passes();
    await readyAgain();
  });

  it('after a failover to a Redis that has nothing', async () => {
    const { port } = redis;
    await redis.stop();
    redis = await startRedis({ port });
    await passes();
    await readyAgain();
  });

  it('after a kill of Postgres, and the sink tells the truth meanwhile', async () => {
    await passes();
    await postgres.kill();
    const [gateway, , sink] = services as [Service, Service, Service];
    const event = { specversion: '1.0', id: 'meanwhile', source: 'healing', type: 'it.happened' };
    const answer = await fetch(`${gateway.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    expect(answer.status).toBe(202);
    await waitFor(async () => !(await sink.ready()), { what: 'the sink not to be ready' });
    expect(await gateway.ready()).toBe(true);
    await postgres.restart();
    await waitFor(() => rowOf('meanwhile'), { what: 'what waited', everyMs: 50 });
    await passes();
    await readyAgain();
  });
});
