import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  type Receiver,
  type RedisServer,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { Service } from '../src/stack/service.js';

const SECRET = `whsec_${randomBytes(24).toString('base64')}`;
const PRIVATE = 'nobody-may-see-this';
const TRACE = randomBytes(16).toString('hex');
const JSON_TYPE = { 'content-type': 'application/json' };
const ROUTES = 'routes:\n  - { name: orders, pattern: { type: [order] }, topics: [orders] }\n';

describeOnRealRedis('the lines of the log', () => {
  let redis: RedisServer;
  let receiver: Receiver;
  let folder: string;
  let gatewayUrl: string;
  let consoleUrl: string;
  const lines: { readonly name: string; readonly line: string }[] = [];
  const services: Service[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<string> => {
    const all = { REDIS_URL: redis.url, LOG_LEVEL: 'warn', ...env };
    const service = new Service({ name, port: await freePort(), env: all }, (_, line) => lines.push({ name, line }));
    services.push(service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service.url;
  };
  const told = (name: string, what: RegExp) =>
    waitFor(() => lines.find((one) => one.name === name && what.test(one.line))?.line, {
      what: `${name} to say ${what}`,
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-logs-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    redis = await startRedis();
    receiver = await startReceiver({ secret: SECRET, respond: () => ({ status: 400 }) });
    [gatewayUrl, consoleUrl] = (await Promise.all([
      start('gateway'),
      start('console', { LOG_LEVEL: 'error' }),
      start('router', { ROUTES_FILE: join(folder, 'routes.yaml') }),
      start('sink-webhook', {
        WEBHOOK_URL: `${receiver.url}?key=${PRIVATE}`,
        WEBHOOK_SECRET: SECRET,
        MAX_ATTEMPTS: '2',
        ALLOW_NETWORKS: '127.0.0.0/8',
        TOPICS: 'orders',
        RETRY_SCHEDULE: '0',
        LOG_LEVEL: 'debug',
      }),
    ])) as unknown as [string, string];
  }, 120_000);
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all([receiver?.stop(), redis?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('of a delivery that failed say which event, of which trace, at which hop, and nothing of what is in it', async () => {
    await fetch(`${gatewayUrl}/v1/events`, {
      method: 'POST',
      headers: { ...JSON_TYPE, traceparent: `00-${TRACE}-${'1'.repeat(16)}-00` },
      body: JSON.stringify({ id: 'order-1', source: '/shop', type: 'order', data: { card: PRIVATE } }),
    });
    const about = { hop: 'sink-webhook', eventId: 'order-1', eventSource: '/shop', traceId: TRACE };
    expect(JSON.parse(await told('sink-webhook', /retry scheduled/))).toMatchObject({
      ...about,
      level: 'debug',
      attempt: 1,
      stream: 'topic:orders',
      error: 'TransientError',
    });
    expect(JSON.parse(await told('sink-webhook', /dead-lettered/))).toMatchObject({
      ...about,
      level: 'warn',
      attempt: 2,
      error: 'TransientError',
    });
  });

  it('of what is no event say where it stands, and do not quote it', async () => {
    const transport = new RedisTransport({ url: redis.url });
    const broken = { type: 'order', json: `{"card":"${PRIVATE}` };
    try {
      await transport.producer.append({ name: 'hook:default', partition: 0 }, [broken]);
      await transport.producer.append({ name: 'in', partition: 0 }, [{ type: '', json: '' }]);
    } finally {
      await transport.close();
    }
    const line = await told('sink-webhook', /dead-lettered.*hook:default|hook:default.*dead-lettered/);
    expect(JSON.parse(line)).toMatchObject({ hop: 'sink-webhook', stream: 'hook:default', error: 'PermanentError' });
    const routed = JSON.parse(await told('router', /dead-lettered/));
    expect(routed).toMatchObject({ hop: 'router', stream: 'in', error: 'PermanentError' });
    expect(routed).not.toHaveProperty('eventId');
  });

  it('are more or fewer as soon as somebody asks for it, of every service', async () => {
    const set = async (service: string, body?: object) => {
      const more = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
      const method = body === undefined ? 'DELETE' : 'PUT';
      expect((await fetch(`${consoleUrl}/api/logs/level/${service}`, { method, ...more })).ok).toBe(true);
    };
    await set('all', { level: 'debug' });
    for (const name of ['gateway', 'router', 'console']) await told(name, /log level set to debug/);
    await set('gateway', { level: 'trace' });
    await told('gateway', /log level set to trace, was debug/);
    await set('gateway');
    await told('gateway', /log level set to debug, was trace/);
    await set('all');
    await told('gateway', /log level set to warn, was debug/);
    await told('console', /log level set to error, was debug/);
  });

  it('hold no data and no secret, whatever the level', () => {
    expect(lines.length).toBeGreaterThan(5);
    const all = lines.map(({ line }) => line).join('\n');
    for (const secret of [PRIVATE, PRIVATE.slice(0, 8), SECRET]) expect(all).not.toContain(secret);
  });
});
