import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSeriesSource, seriesName } from '@millrace/series';
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

const EVENTS = 20_000;
const BATCH = 500;
const SECRET = `whsec_${Buffer.from('a secret of the crash test').toString('base64')}`;
const ROUTES = `
routes:
  - name: readings
    pattern: { type: [reading] }
    topics: [readings]
`;

/** Who is killed, and the group and stream by which to see that it has something in hand. */
const VICTIMS = [
  { name: 'router', stream: 'in', group: 'router' },
  { name: 'sink-postgres', stream: 'topic:readings', group: 'sink-postgres' },
  { name: 'sink-timeseries', stream: 'topic:readings', group: 'sink-timeseries' },
  { name: 'sink-webhook', stream: 'hook:default', group: 'hook.default' },
] as const;

/** Claims come soon, so that what a killed process held is taken over within the test. */
const IMPATIENT = { CLAIM_AFTER_MS: '1000', LOG_LEVEL: 'warn' };

describeOnRealRedis('SIGKILL in the middle of 20,000 events', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let receiver: Receiver;
  let transport: RedisTransport;
  let database: pg.Client;
  let folder: string;
  let requests: Connection;
  const services = new Map<string, Service>();
  const lines: string[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<Service> => {
    const spec = { name, port: await freePort(), env: { REDIS_URL: redis.url, ...IMPATIENT, ...env } };
    const service = new Service(spec, (who, line) => lines.push(`${who}: ${line}`));
    services.set(name, service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service;
  };

  /** SIGKILL, and the same service again. */
  const crash = async (name: string): Promise<void> => {
    const service = services.get(name) as Service;
    await service.kill();
    await start(name, service.spec.env);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    receiver = await startReceiver({ secret: SECRET });
    transport = new RedisTransport({ url: redis.url });
    requests = transport.connections.connect('test');
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    // Small batches: more of them are under way when a process is killed.
    const sink = { TOPICS: 'readings', BATCH_MAX_SIZE: '100' };
    const allowed = { ALLOW_NETWORKS: '127.0.0.0/8' };
    await Promise.all([
      start('gateway'),
      start('router', { ROUTES_FILE: join(folder, 'routes.yaml'), BATCH_MAX_SIZE: '100' }),
      start('sink-postgres', { ...sink, DATABASE_URL: postgres.url }),
      start('sink-timeseries', { ...sink, SERIES_RETENTION: '0s', ROLLUPS: 'count:1m' }),
      start('sink-webhook', { ...sink, ...allowed, WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET }),
    ]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    await database?.end();
    await transport?.close();
    await receiver?.stop();
    await Promise.all([redis?.stop(), postgres?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const send = async (from: number): Promise<void> => {
    const line = (n: number): string =>
      `${JSON.stringify({
        specversion: '1.0',
        id: `event-${n}`,
        source: 'crash-test',
        type: 'reading',
        time: new Date(1_700_000_000_000 + n * 1000).toISOString(),
        data: { metric: 'temperature', value: n },
      })}\n`;
    const body = Array.from({ length: BATCH }, (_, i) => line(from + i)).join('');
    const answer = await fetch(`${(services.get('gateway') as Service).url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ accepted: BATCH });
  };

  const holdsSomething = async ({ stream, group }: (typeof VICTIMS)[number]): Promise<boolean> => {
    const [pending] = (await requests.call('XPENDING', `mr:{p0}:${stream}`, group)) as [number];
    return pending > 0;
  };

  /** Whether the victim is seen with something in hand before the events are sent. */
  const isSeenHolding = async (victim: (typeof VICTIMS)[number], sending: Promise<void>): Promise<boolean> => {
    let sent = false;
    const noted = sending.finally(() => {
      sent = true;
    });
    noted.catch(() => undefined); // Whoever sends hears of it.
    while (!sent) if (await holdsSomething(victim)) return true;
    return holdsSomething(victim);
  };

  const count = async (query: string): Promise<number> => Number((await database.query(query)).rows[0].count);
  const rows = () => count('SELECT count(*) FROM millrace_events');

  it('every event is in Postgres exactly once, routed once, and delivered', async () => {
    const waiting = [...VICTIMS];
    for (let sent = 0; sent < EVENTS; sent += BATCH) {
      // One after the other, over the whole run.
      const victim = sent >= 1000 + 4000 * (VICTIMS.length - waiting.length) ? waiting[0] : undefined;
      const sending = send(sent);
      // It may be too quick to be seen at it; then the next events are its chance.
      if (victim !== undefined && (await isSeenHolding(victim, sending))) {
        await crash(victim.name);
        waiting.shift();
      }
      await sending;
    }
    expect(waiting).toEqual([]);
    await waitFor(async () => (await rows()) >= EVENTS, { what: '20,000 rows', timeoutMs: 60_000 });
    await waitFor(() => receiver.ids.size >= EVENTS, { what: '20,000 webhooks', timeoutMs: 120_000 });

    expect(await rows()).toBe(EVENTS);
    expect(await count('SELECT count(DISTINCT id) FROM millrace_events')).toBe(EVENTS);
    const routed = await transport.reader.range({ name: 'topic:readings', partition: 0 }, '-', '+', 2 * EVENTS);
    expect(routed).toHaveLength(EVENTS);
    const samples = async () => {
      const prefix = 'mr:{p0}:series';
      const store = await openSeriesSource(transport.connections.connectTo(prefix, 'test'), prefix);
      const series = seriesName('temperature', 'crash-test');
      return (await store?.range({ series }, 0, Number.POSITIVE_INFINITY))?.length;
    };
    await waitFor(async () => (await samples()) === EVENTS, { what: '20,000 samples', timeoutMs: 60_000 });
    for (const group of ['router', 'sink-postgres', 'sink-timeseries', 'hook.default']) {
      expect(await transport.reader.range({ name: `dead:${group}`, partition: 0 }, '-', '+', 10)).toEqual([]);
    }
  }, 300_000);
});
