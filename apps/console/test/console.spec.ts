import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import type { ConsoleConfig } from '../src/console-config.js';
import { type Answer, KEY, RunningConsole } from './running-console.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const start = async (config: Partial<ConsoleConfig> = {}, redisUrl = redis.url): Promise<void> => {
  running = await RunningConsole.start(redisUrl, { LIVE_INTERVAL_MS: 100, ...config });
};
afterEach(() => running.close());

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  running.ask('GET', path, undefined, headers);

/** Three orders, of which a sink acknowledges one, retries one and gives up on one. */
const seed = async (): Promise<void> => {
  const stream = { name: 'topic:orders', partition: 0 };
  const json = (id: string) => JSON.stringify({ specversion: '1.0', id, source: '/s', type: 'order', data: HOSTILE });
  await running.transport.producer.append({ name: 'in', partition: 0 }, [{ type: 'order', json: json('1') }]);
  await running.transport.producer.append(
    stream,
    ['1', '2', '3'].map((id) => ({ type: 'order', json: json(id) })),
  );
  await running.transport.registry.registerTopics(['orders']);
  await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
  const consumer = running.transport.consumer({ group: 'sink-a', streams: () => ['topic:orders'], partition: 0 });
  for await (const batch of consumer.batches(AbortSignal.timeout(5000))) {
    await batch.settle((_, i) => {
      if (i === 0) return { kind: 'ack' };
      if (i === 1) return { kind: 'retry', cause: new Error('later'), afterMs: 3_600_000 };
      return { kind: 'reject', cause: new TypeError(`cannot take ${HOSTILE}`) };
    });
    break;
  }
  await running.transport.producer.append(stream, [{ type: 'order', json: 'not JSON' }]);
};

describe('the admin API', () => {
  beforeEach(async () => {
    await start();
    await seed();
  });

  it('sums up the pipeline', async () => {
    expect((await get('/api/summary')).body).toMatchObject({
      inbox: 1,
      topics: 2,
      events: 4,
      lag: 1,
      pending: 0,
      parked: 1,
      deadLetters: 1,
      accepted: 1,
      duplicates: 0,
      retries: 1,
      oldestWaitingAt: expect.any(Number),
    });
  });

  it('lists the topics and who reads them', async () => {
    const { body } = await get('/api/topics');
    expect(body.inbox).toMatchObject({ name: 'in', length: 1, lastAt: expect.any(Number) });
    expect(body.topics).toMatchObject([
      { name: 'orders', length: 4, groups: [{ group: 'sink-a', lag: 1, pending: 0 }] },
      { name: 'unrouted', length: 0, firstAt: null, lastAt: null, groups: [] },
    ]);
  });

  it('shows the events of a topic, newest first, from and to', async () => {
    const { body } = await get('/api/topics/orders/events');
    expect(body.events.map(({ event }: { event: { id?: string } }) => event.id ?? event)).toEqual([
      'not JSON',
      '3',
      '2',
      '1',
    ]);
    expect(body.events[1]).toMatchObject({ type: 'order', partition: 0, event: { data: HOSTILE } });
    const id = body.events[2].streamId as string;
    const part = await get(`/api/topics/orders/events?from=${id}&to=${id}`);
    expect(part.body.events).toHaveLength(1);
    expect((await get('/api/topics/orders/events?limit=2')).body.events).toHaveLength(2);
    expect((await get('/api/topics/orders/events?from=2100-01-01T00:00:00Z')).body.events).toEqual([]);
    expect((await get('/api/topics/in/events')).body.events).toHaveLength(1);
  });

  it('lists the sinks', async () => {
    expect((await get('/api/sinks')).body.sinks).toEqual([
      {
        name: 'sink-a',
        hop: 'sink-a',
        streams: ['topic:orders'],
        lag: 1,
        pending: 0,
        parked: 1,
        deadLetters: 1,
        consumers: expect.any(Number),
        oldestWaitingAt: expect.any(Number),
        paused: null,
        seenAt: expect.any(Number),
      },
    ]);
  });

  it('shows dead letters with why, by hop and by error', async () => {
    const { body } = await get('/api/dead-letters');
    expect(body.deadLetters).toMatchObject([
      { hop: 'sink-a', stream: 'topic:orders', error: 'TypeError', message: `cannot take ${HOSTILE}`, attempts: 1 },
    ]);
    expect(JSON.parse(body.deadLetters[0].event)).toMatchObject({ id: '3' });
    expect((await get('/api/dead-letters?hop=sink-a&error=TypeError')).body.deadLetters).toHaveLength(1);
    expect((await get('/api/dead-letters?error=RangeError')).body.deadLetters).toEqual([]);
    expect((await get('/api/dead-letters?hop=router')).body.deadLetters).toEqual([]);
  });

  it.each([
    ['/api/topics/orders/events?limit=0', 400, 'limit must be a whole number from 1 to 1000, got 0'],
    ['/api/topics/orders/events?limit=many', 400, 'limit must be a whole number from 1 to 1000, got "many"'],
    [
      '/api/topics/orders/events?from=yesterday',
      400,
      'from must be a time such as 2026-01-31T12:00:00Z, Unix milliseconds or a stream id, got "yesterday"',
    ],
    [
      '/api/dead-letters?to=-',
      400,
      'to must be a time such as 2026-01-31T12:00:00Z, Unix milliseconds or a stream id, got "-"',
    ],
    ['/api/topics/none/events', 404, 'Topic "none" not found'],
  ])('refuses %s', async (path, status, detail) => {
    const answered = await get(path);
    expect(answered).toMatchObject({ status, body: { status, detail } });
  });

  it('describes itself', async () => {
    const { body } = await get('/docs-json');
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(described.sort()).toEqual(running.routes().sort());
    const text = JSON.stringify(body);
    const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !(name in body.components.schemas))).toEqual([]);
  });
});

describe('the live view', () => {
  const firstMessage = async (response: Response): Promise<string> => {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('\n\n')) text += new TextDecoder().decode((await reader.read()).value);
    return text;
  };

  it('sends a snapshot at once, and does not hold up a stop', async () => {
    await start();
    await seed();
    const response = await fetch(`${running.url}/api/live`);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await firstMessage(response);
    expect(text).toMatch(/^event: snapshot\ndata: /);
    const data = JSON.parse(text.split('\n')[1]?.slice('data: '.length) ?? '');
    expect(data).toMatchObject({ summary: { events: 4 }, deadLetters: [{ error: 'TypeError' }] });
    expect(running.answers.faultsOf('Snapshot', data)).toEqual([]);
    await running.close();
  });
});

describe('the page', () => {
  it('is served with its files, and nothing else may run in it', async () => {
    await start();
    const html = await (await fetch(running.url)).text();
    const named = (end: string) => new RegExp(`"\\./(assets/[^"]+\\.${end})"`).exec(html)?.[1];
    for (const [path, type, caching] of [
      ['', 'text/html', 'no-cache'],
      [named('js'), 'javascript', 'immutable'],
      [named('css'), 'text/css', 'immutable'],
      ['favicon.svg', 'image/svg+xml', 'no-cache'],
    ]) {
      const response = await fetch(`${running.url}/${path}`, { headers: { 'accept-encoding': 'gzip, br' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain(type);
      expect(response.headers.get('content-encoding')).toBe('br');
      expect(response.headers.get('cache-control')).toContain(caching);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(response.headers.get('x-frame-options')).toBe('DENY');
    }
    expect((await fetch(`${running.url}/assets/gone.js`)).status).toBe(404);
  });
});

it('is in nobody else’s frame, the page of its API neither', async () => {
  await start();
  for (const path of ['/', '/docs', '/docs/', '/docs-json', '/api/me']) {
    const { headers } = await fetch(running.url + path);
    expect([path, headers.get('x-frame-options')]).toEqual([path, 'DENY']);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

describe('API keys', () => {
  it('guard the API and not the page', async () => {
    await start({ API_KEYS: [KEY] });
    for (const path of [
      '/api/summary',
      '/api/topics',
      '/api/sinks',
      '/api/dead-letters',
      '/api/live',
      '/api/topics/x/events',
    ]) {
      expect((await get(path)).status).toBe(401);
    }
    expect((await get('/api/summary', { authorization: `Bearer ${KEY}` })).status).toBe(200);
    expect((await fetch(running.url)).status).toBe(200);
  });
});

it('says that Redis is away', async () => {
  const own = await startRedis();
  await start({}, own.url);
  await own.stop();
  const answered = await waitFor(
    async () => {
      const got = await get('/api/summary');
      return got.status === 503 && got;
    },
    { what: 'a 503' },
  );
  expect(answered.body.detail).toMatch(/^Redis/);
});
