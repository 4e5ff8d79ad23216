import { request } from 'node:http';
import { type RedisServer, startRedis } from '@millrace/testkit';
import type { ConsoleConfig } from '../../src/console-config.js';
import { RunningConsole } from '../running-console.js';

const KEYS = { read: 'a-key-that-reads-only', operate: 'a-key-that-operates', admin: 'a-key-that-does-all' };
const CONFIG = { API_KEYS: [KEYS.admin], API_KEYS_OPERATE: [KEYS.operate], API_KEYS_READ: [KEYS.read] };

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => running.close());
const start = async (config: Partial<ConsoleConfig>): Promise<void> => {
  running = await RunningConsole.start(redis.url, config);
};

const as = (key: string) => ({ 'x-api-key': key });
const ROUTE = { pattern: { type: ['order'] }, topics: ['orders'] };

describe('roles', () => {
  beforeEach(() => start(CONFIG));

  it.each(Object.entries(KEYS))('are told to whoever asks: %s', async (role, key) => {
    const { body } = await running.ask('GET', '/api/me', undefined, as(key));
    expect(body).toEqual({ name: expect.stringMatching(/^[\w-]{12}$/), role, auth: 'on', lab: true });
  });

  it('let each do what it may and no more', async () => {
    const status = async (key: string, method: string, path: string, body?: unknown) =>
      (await running.ask(method, path, body, as(key))).status;
    expect(await status(KEYS.read, 'GET', '/api/topics')).toBe(200);
    expect(await status(KEYS.read, 'POST', '/api/routes/test', { pattern: {}, event: {} })).not.toBe(403);
    expect(await status(KEYS.read, 'POST', '/api/dead-letters/redrive', { filter: {} })).toBe(403);
    expect(await status(KEYS.read, 'POST', '/api/events', {})).toBe(403);
    expect(await status(KEYS.operate, 'POST', '/api/dead-letters/redrive', { filter: {} })).toBe(409);
    expect(await status(KEYS.operate, 'PUT', '/api/routes/all', ROUTE)).toBe(403);
    expect(await status(KEYS.operate, 'PUT', '/api/trace', { sample: 1 })).toBe(403);
    expect(await status(KEYS.admin, 'PUT', '/api/routes/all', ROUTE)).toBe(200);
    const { body } = await running.ask('DELETE', '/api/routes/all', undefined, as(KEYS.operate));
    expect(body.detail).toBe('This API key has the role "operate"; this requires "admin"');
  });

  it('are asked for by everything that changes something', async () => {
    const paths = running.routes().map((route) => route.split(' ') as [method: string, path: string]);
    const changing = paths.filter(([method]) => method !== 'GET');
    expect(changing.length).toBeGreaterThan(30);
    const openTo = async (key: string): Promise<string[]> => {
      const open: string[] = [];
      for (const [method, path] of changing) {
        const { status } = await running.ask(method, path.replace(/:\w+/g, 'x'), { bad: 1 }, as(key));
        if (status !== 403) open.push(`${method} ${path}`);
      }
      return open.sort();
    };
    const trials = ['POST /api/routes/test', 'POST /api/schemas/test'];
    expect(await openTo(KEYS.read)).toEqual(trials);
    expect((await openTo(KEYS.operate)).filter((route) => /routes|schemas|trace/.test(route))).toEqual([
      'POST /api/routes/:name/shadow',
      ...trials,
    ]);
    const webhooks = (await openTo(KEYS.operate)).filter((route) => route.includes('webhooks'));
    expect(webhooks.map((route) => route.split('/').at(-1))).toEqual(['off', 'on', 'resend', 'test']);
  });

  it('are asked for although there is no key that may do everything', async () => {
    await running.close();
    await start({ API_KEYS_READ: [KEYS.read] });
    expect((await running.ask('GET', '/api/topics', undefined, {})).status).toBe(401);
    expect((await running.ask('GET', '/api/me', undefined, as(KEYS.read))).body.role).toBe('read');
  });
});

it('writes changes of routes and of schemas to the audit, with who', async () => {
  await start(CONFIG);
  await running.ask('PUT', '/api/routes/all', ROUTE, as(KEYS.admin));
  await running.ask('PUT', '/api/schemas/order/versions/1', { type: 'object' }, as(KEYS.admin));
  const { name } = (await running.ask('GET', '/api/me', undefined, as(KEYS.admin))).body;
  const { body } = await running.ask('GET', '/api/audit?limit=1', undefined, as(KEYS.read));
  expect(body.entries).toMatchObject([{ who: name, action: expect.stringContaining('schemas') }]);
  const rest = (await running.ask('GET', `/api/audit?limit=1&cursor=${body.next}`, undefined, as(KEYS.read))).body;
  expect(rest.entries).toMatchObject([{ who: name, action: 'put routes', detail: { version: 1, changed: ['all'] } }]);
});

it('writes what is no version to the audit, too: drafts, the lab, a redrive that is stopped', async () => {
  await start({});
  await running.transport.registry.registerTopics(['orders']);
  await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
  await running.ask('PUT', '/api/routes/all/draft', ROUTE);
  await running.ask('DELETE', '/api/routes/all/draft');
  await running.ask('POST', '/api/lab/orders/consumers', {});
  await running.ask('POST', '/api/lab/orders/consumers/consumer-1/crash', {});
  await running.ask('DELETE', '/api/lab/orders');
  const dead = running.transport.keys.stream({ name: 'dead:sink-a', partition: 0 });
  for (let n = 0; n < 5; n += 1)
    await running.transport.connections.connect('test').xadd(dead, '*', 'type', 't', 'event', '{}');
  const { body: redrive } = await running.ask('POST', '/api/dead-letters/redrive', { filter: {}, perSecond: 1 });
  await running.ask('DELETE', `/api/dead-letters/redrives/${redrive.id}`);
  const { body } = await running.ask('GET', '/api/audit');
  expect(body.entries.map(({ action }: { action: string }) => action)).toEqual([
    'stop redrive',
    'redrive',
    'end the lab',
    'crash a consumer in the lab',
    'add consumers in the lab',
    'drop draft',
    'draft route',
  ]);
});

describe('pages of other sites', () => {
  /** Like fetch, which does not let anybody set these headers. */
  const status = (method: string, path: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request(running.url + path, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject);
      asked.end();
    });

  it('may not change anything, with a key or without', async () => {
    await start({});
    const { host } = new URL(running.url);
    const purge = '/api/dead-letters/redrives/x';
    expect(await status('DELETE', purge, { origin: 'http://elsewhere.example' })).toBe(403);
    expect(await status('DELETE', purge, { origin: 'null' })).toBe(403);
    expect(await status('DELETE', purge, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status('POST', '/api/events', { 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await status('DELETE', purge, { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).toBe(404);
    expect(await status('DELETE', purge, {})).toBe(404);
  });

  it('may not look through a name of their own, where no key is asked for', async () => {
    await start({ ALLOWED_HOSTS: ['console.internal.example'] });
    expect(await status('GET', '/api/me', { host: 'rebound.example:8090' })).toBe(403);
    expect(await status('GET', '/api/me', { host: 'console.internal.example' })).toBe(200);
    for (const host of ['127.0.0.1:8090', '[::1]:8090', 'localhost', 'console:8090', '']) {
      expect([host, await status('GET', '/api/me', { host })]).toEqual([host, 200]);
    }
  });
});
