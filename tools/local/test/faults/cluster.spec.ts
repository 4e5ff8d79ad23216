import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeOnRealRedis,
  freePort,
  type Receiver,
  type RedisCluster,
  startReceiver,
  startRedisCluster,
  waitFor,
} from '@millrace/testkit';
import { Service } from '../../src/stack/service.js';

const PARTITIONS = 4;
const BATCH = 100;
const EACH = 1500;
const SECRET = `whsec_${Buffer.from('a secret of the cluster test').toString('base64')}`;
const ROUTES = 'routes: [{ name: all, pattern: { type: [reading] }, topics: [readings] }]\n';

const COMMON = { PARTITIONS: String(PARTITIONS), CLAIM_AFTER_MS: '2000', LOG_LEVEL: 'warn', AUTH: 'off' };
const INGEST = {
  INGEST_API: 'on',
  INGEST_STREAM_KEY: '{telemetry}:events',
  INGEST_DEAD_LETTER_KEY: '{telemetry}:dead-letter',
};

describeOnRealRedis('the pipeline on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let receiver: Receiver;
  let folder: string;
  const delivered = new Set<string>();
  const services = new Map<string, Service>();
  const lines: string[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<Service> => {
    const spec = {
      name: name.replace(/ .*/, ''),
      port: await freePort(),
      env: { REDIS_URL: cluster.url, ...COMMON, ...env },
    };
    const service = new Service(spec, (who, line) => lines.push(`${who}: ${line}`));
    services.set(name, service);
    return service;
  };

  const ready = (): Promise<unknown> =>
    Promise.all(
      [...services].map(([name, service]) =>
        waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 60_000, everyMs: 50 }).catch(
          (cause: Error) => {
            throw new Error(`${cause.message}; ${lines.slice(-10).join('\n')}`);
          },
        ),
      ),
    );

  const ask = async (name: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${services.get(name)?.url}${path}`, post);
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status: answer.status, body: (await answer.json()) as any };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-cluster-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    cluster = await startRedisCluster({ config: { appendonly: 'yes' }, nodeTimeoutMs: 2000 });
    receiver = await startReceiver({
      secret: SECRET,
      respond: ({ body }) => {
        delivered.add((JSON.parse(body) as { id: string }).id);
        return { status: 204 };
      },
    });
    await start('gateway', { ...INGEST, DURABILITY_REPLICAS: '1', DURABILITY_TIMEOUT: '2s' });
    await start('router', { ROUTES_FILE: join(folder, 'routes.yaml') });
    await start('sink-timeseries', { TOPICS: 'readings', SERIES_RETENTION: '0s', ROLLUPS: 'count:1h' });
    await start('sink-webhook', {
      TOPICS: 'readings',
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: SECRET,
      ALLOW_NETWORKS: '127.0.0.0/8',
    });
    await start('console');
    await ready();
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    await receiver?.stop();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Sends events, each until it is accepted. */
  const send = async (from: number, count: number): Promise<void> => {
    for (let n = from; n < from + count; n += BATCH) {
      const events = Array.from({ length: BATCH }, (_, i) => ({
        specversion: '1.0',
        type: 'reading',
        source: '/test',
        id: String(n + i),
        subject: `s${(n + i) % 50}`,
        time: new Date(Date.parse('2026-11-21T12:00:00Z') + n + i).toISOString(),
        data: { metric: 'm', value: 1 },
      }));
      const isAccepted = async () => {
        const { status, body } = await ask('gateway', '/v1/events', events);
        return status === 202 && body.rejected === 0;
      };
      await waitFor(isAccepted, { what: 'events to be accepted', timeoutMs: 60_000, everyMs: 100 });
    }
  };

  const inTopic = async (): Promise<number> => (await ask('console', '/api/topics/readings')).body.length;

  const inSeries = async (): Promise<number> => {
    const { body } = await ask('console', '/api/series?filter=metric=m&bucket=1h&aggregate=count');
    return body.series.reduce(
      (sum: number, { points }: { points: { value: number }[] }) => points.reduce((n, { value }) => n + value, sum),
      0,
    );
  };

  it('delivers everything to every sink, also what comes while a primary is killed', async () => {
    await send(0, EACH);
    const victim = await cluster.primaryOf('{p0}');
    await victim.kill();
    const isOther = async () => (await cluster.primaryOf('{p0}')) !== victim;
    await waitFor(isOther, { what: 'another primary', timeoutMs: 30_000, everyMs: 50 });
    await victim.restart();
    await send(EACH, EACH);
    await waitFor(() => delivered.size === 2 * EACH, { what: 'every webhook', timeoutMs: 60_000 });
    await waitFor(async () => (await inSeries()) === 2 * EACH, { what: 'every sample', timeoutMs: 60_000 });
    expect(await inTopic()).toBe(2 * EACH);
    await ready();
    const { status, body } = await ask('console', '/api/doctor');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toMatch(/(Redis|Valkey) \S+, cluster/);
  }, 180_000);

  it('has the measurements API', async () => {
    await ask('gateway', '/api/ingest/events', { source: 's', metric: 'm', value: 1 });
    expect((await ask('gateway', '/api/ingest/workers/process', { consumer: 'one', count: 10 })).body).toEqual({
      read: 1,
      processed: 1,
      dead_lettered: 0,
      acked: 1,
    });
  });

  it('starts no gateway whose keys of the measurements API are in different slots', async () => {
    const gateway = await start('gateway once more', { INGEST_API: 'on' });
    expect(await gateway.died()).toMatch(
      /INGEST_DEAD_LETTER_KEY in a Redis Cluster must have the hash tag of .*, got "telemetry:events:dead-letter"/,
    );
  });
});
