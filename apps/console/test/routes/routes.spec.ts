import { parseFile } from '@millrace/definitions';
import { ROUTES, RouteStore } from '@millrace/routes';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { type Answer, KEY, RunningConsole } from '../running-console.js';

const IN = { name: 'in', partition: 0 };
const ROUTE = { pattern: { type: ['order'], data: { amount: [{ numeric: ['>', 100] }] } }, topics: ['large'] };

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url, { API_KEYS: [KEY] });
});
afterEach(() => running.close());

const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
  running.ask(method, `/api/routes${path}`, body);
const append = (amounts: readonly number[], to = IN) =>
  running.transport.producer.append(
    to,
    amounts.map((amount, n) => ({
      type: 'order',
      json: JSON.stringify({ specversion: '1.0', id: String(n), source: '/s', type: 'order', data: { amount } }),
    })),
  );

describe('routes over the API', () => {
  it('are put, shown, listed and deleted, each as a version with its record', async () => {
    expect(await ask('PUT', '/large', ROUTE)).toEqual({ status: 200, body: { version: 1 } });
    expect(await ask('GET', '/large')).toMatchObject({
      status: 200,
      body: { origin: 'redis', route: { name: 'large', ...ROUTE } },
    });
    expect((await ask('GET', '')).body).toMatchObject({
      version: 1,
      routes: [{ route: { name: 'large' } }],
      drafts: [],
    });
    expect(await ask('DELETE', '/large')).toEqual({ status: 200, body: { version: 2 } });
    expect((await ask('GET', '/large')).status).toBe(404);
    expect((await ask('DELETE', '/large')).status).toBe(404);
    const { changes } = (await ask('GET', '/history?limit=1')).body;
    expect(changes).toMatchObject([{ version: 2, action: 'delete', changes: [{ name: 'large', after: null }] }]);
    expect(changes[0].who).not.toContain(KEY);
    expect(changes[0].who).not.toBe('');
  });

  it('have a history that comes in pages', async () => {
    for (const topic of ['a', 'b', 'c']) await ask('PUT', '/large', { ...ROUTE, topics: [topic] });
    const versions: number[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: { changes: { version: number }[]; next: string | null } = (
        await ask('GET', `/history?limit=2${next && `&cursor=${next}`}`)
      ).body;
      versions.push(...page.changes.map(({ version }) => version));
      next = page.next;
    }
    expect(versions).toEqual([3, 2, 1]);
  });

  it('are put together as one version', async () => {
    const routes = ['a', 'b'].map((name) => ({ ...ROUTE, name }));
    expect((await ask('POST', '', { routes })).body).toEqual({ version: 1 });
    expect((await ask('GET', '')).body.routes).toHaveLength(2);
    expect((await ask('POST', '', { routes, version: 0 })).status).toBe(409);
  });

  it.each([
    ['PUT', '/large', { ...ROUTE, topics: [] }, 422, /route "large": topics must be a list of topic names, got \[\]/],
    ['PUT', '/large', { ...ROUTE, pattern: { type: [{ prefix: 1 }] } }, 422, /route "large": pattern: /],
    ['PUT', '/large', { ...ROUTE, transform: '{ "a" ' }, 422, /route "large": transform: .* at character \d+/],
    ['PUT', '/large', { ...ROUTE, name: 'other' }, 422, /name is not "large" as in the address/],
    ['PUT', '/large', [], 422, /a route is an object/],
    ['PUT', '/a%20b', ROUTE, 422, /name must be 1 to .* letters.*, got "a b"/],
    ['PUT', '/large?version=x', ROUTE, 400, /version must be a whole number.*, got "x"/],
    ['POST', '', { routes: 'all' }, 400, /routes/],
    ['POST', '', { routes: [{ ...ROUTE, name: 'a' }, { name: 'b' }] }, 422, /route "b": pattern is missing/],
    [
      'POST',
      '',
      {
        routes: [
          { ...ROUTE, name: 'a' },
          { ...ROUTE, name: 'a' },
        ],
      },
      422,
      /two routes named "a"/,
    ],
    ['PUT', '/history', ROUTE, 422, /that name is reserved/],
    ['POST', '/large/promote', undefined, 404, /Draft "large" not found/],
    ['POST', '/large/shadow', {}, 404, /Draft "large" not found/],
    ['POST', '/large/shadow', { last: 0 }, 400, /last/],
    ['POST', '/rollback', { to: 5 }, 409, /there is no version 5; versions are 0 to 0/],
    ['POST', '/rollback', {}, 400, /to/],
    ['GET', '/diff', undefined, 400, /from must be .*, got nothing/],
  ])('refuse %s %s %j', async (method, path, body, status, detail) => {
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, body: { status, detail: expect.stringMatching(detail) } });
    expect((await ask('GET', '')).body).toMatchObject({ version: 0, routes: [] });
  });

  it('of a file are shown and not changed', async () => {
    const yaml = 'routes: [{ name: large, pattern: { type: [order] }, topics: [all] }]';
    await new RouteStore(running.transport).publishFile(parseFile(ROUTES, yaml, 'routes.yaml'));
    expect((await ask('GET', '/large')).body).toMatchObject({ origin: 'file', route: { topics: ['all'] } });
    expect(await ask('PUT', '/large', ROUTE)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/ROUTES_FILE/) },
    });
    expect((await ask('DELETE', '/large')).status).toBe(409);
  });

  it('are changed for the version that was looked at, or not at all', async () => {
    await ask('PUT', '/large', ROUTE);
    expect((await ask('PUT', '/large?version=0', ROUTE)).status).toBe(409);
    expect((await ask('PUT', '/large?version=1', { ...ROUTE, topics: ['other'] })).body).toEqual({ version: 2 });
  });

  it('are drafted, compared, promoted and rolled back', async () => {
    await ask('PUT', '/large', ROUTE);
    const draft = { ...ROUTE, topics: ['huge'] };
    expect((await ask('PUT', '/large/draft', draft)).body).toMatchObject({ before: ROUTE, after: draft });
    expect((await ask('GET', '/large')).body).toMatchObject({ route: ROUTE, draft });
    expect((await ask('POST', '/large/promote')).body).toEqual({ version: 2 });
    expect((await ask('GET', '/large')).body.draft).toBeUndefined();
    expect((await ask('GET', '/diff?from=1')).body).toMatchObject({
      from: 1,
      to: 2,
      changes: [{ name: 'large', before: ROUTE, after: draft }],
    });
    expect((await ask('POST', '/rollback', { to: 1 })).body).toEqual({ version: 3 });
    expect((await ask('GET', '/large')).body.route.topics).toEqual(['large']);
    expect((await ask('GET', '/diff?from=1&to=3')).body.changes).toEqual([]);
    expect((await ask('PUT', '/large/draft', draft)).status).toBe(200);
    expect((await ask('DELETE', '/large/draft')).status).toBe(204);
    expect((await ask('DELETE', '/large/draft')).status).toBe(404);
  });

  it('with long names are reached, and what is stored by hand does no harm', async () => {
    const name = 'r'.repeat(128);
    expect((await ask('PUT', `/${name}`, ROUTE)).status).toBe(200);
    expect((await ask('DELETE', `/${name}`)).status).toBe(200);
    const redis = running.transport.connections.connect('test');
    const key = (of: string) => running.transport.keys.control(of);
    await redis.hset(key('routes'), 'bad', 'no JSON');
    await redis.hset(key('routes:drafts'), 'bad', 'no JSON');
    expect((await ask('GET', '')).body).toMatchObject({ invalid: ['Redis: route "bad": not JSON'] });
    expect((await ask('DELETE', '/bad')).status).toBe(200);
  });

  it('need a key', async () => {
    expect((await fetch(`${running.url}/api/routes`)).status).toBe(401);
    expect((await fetch(`${running.url}/api/routes/a`, { method: 'PUT' })).status).toBe(401);
  });
});

describe('a pattern', () => {
  it('is tested on an event, with the why', async () => {
    const event = { type: 'order', data: { amount: 5 } };
    expect((await ask('POST', '/test', { pattern: ROUTE.pattern, event })).body).toMatchObject({
      result: false,
      why: {
        alternatives: [
          {
            leaves: [
              { path: 'data.amount', passed: false, seen: [5] },
              { path: 'type', passed: true },
            ],
          },
        ],
      },
    });
    const text = '{"type":"order","data":{"amount":1e3}}';
    expect((await ask('POST', '/test', { pattern: JSON.stringify(ROUTE.pattern), event: text })).body.result).toBe(
      true,
    );
  });

  it.each([
    [{ pattern: { type: 'order' }, event: {} }, 422, /^pattern: /],
    [{ pattern: '{', event: {} }, 422, /^pattern: /],
    [{ pattern: { type: ['a'] }, event: '{"type":' }, 422, /^event: /],
    [{ event: {} }, 400, /pattern/],
    [{ pattern: 5, event: {} }, 400, /pattern must be an object, or its JSON as text, got 5/],
  ])('is refused: %j', async (body, status, detail) => {
    expect(await ask('POST', '/test', body)).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
  });
});

describe('a shadow', () => {
  it('tells what a draft would do with the newest events, and sends nothing', async () => {
    await ask('PUT', '/large', ROUTE);
    await append([50, 150, 500, 5000]);
    const draft = { ...ROUTE, pattern: { type: ['order'], data: { amount: [{ numeric: ['>', 1000] }] } } };
    await ask('PUT', '/large/draft', { ...draft, transform: '{ "subject": $string(data.amount) }' });
    const { body } = await ask('POST', '/large/shadow', { last: 3 });
    expect(body).toMatchObject({
      events: 3,
      matched: 1,
      different: 2,
      undecodable: 0,
      inForce: { large: 3 },
      withDraft: { large: 1, unrouted: 2 },
      transform: { tried: 1, failed: 0, errors: [] },
    });
    expect(body.differences).toMatchObject([
      { type: 'order', less: ['large'], more: ['unrouted'] },
      { type: 'order', less: ['large'], more: ['unrouted'] },
    ]);
    expect(body.microseconds.inForce).toBeGreaterThan(0);
    const [topic] = await running.transport.streams.inspect([{ name: 'topic:large', partition: 0 }]);
    expect(topic?.length).toBe(0);
  });

  it('goes through as many events as there are, a page at a time', async () => {
    await append(Array.from({ length: 1300 }, (_, n) => n));
    const { body } = await ask('POST', '/large/shadow', { last: 5000, route: ROUTE });
    expect(body).toMatchObject({ events: 1300, matched: 1199 });
  });

  it('tells what its transform cannot do', async () => {
    await append([150]);
    const { body } = await ask('POST', '/large/shadow', { route: { ...ROUTE, transform: '{ "id": "x" }' } });
    expect(body.transform).toMatchObject({ tried: 1, failed: 1, errors: [expect.stringMatching(/id cannot be set/)] });
  });

  it('outlives a transform that doubles a string until the memory is gone', async () => {
    await append([150]);
    const doubled = '$f := function($n, $s) { $n = 0 ? $s : $f($n - 1, $s & $s) }';
    const route = { ...ROUTE, transform: `(${doubled}; { "data": $uppercase($f(27, "ab")) })` };
    const { body } = await ask('POST', '/large/shadow', { route });
    expect(body.transform).toMatchObject({
      tried: 1,
      failed: 1,
      errors: [expect.stringMatching(/aborted: it exceeded/)],
    });
    const after = await ask('POST', '/large/shadow', { route: { ...ROUTE, transform: '{ "subject": "s" }' } });
    expect(after.body.transform).toMatchObject({ tried: 1, failed: 0 });
  });

  it('looks at live traffic for a while', async () => {
    const looking = ask('POST', '/large/shadow', { seconds: 1, route: ROUTE });
    const sending = setInterval(() => void append([500]).catch(() => undefined), 50);
    const { body } = await looking;
    clearInterval(sending);
    expect(body.events).toBeGreaterThan(0);
    expect(body.matched).toBe(body.events);
  });

  it('looks at partitions that there are since it began', async () => {
    const looking = ask('POST', '/large/shadow', { seconds: 3, route: ROUTE });
    await running.ask('POST', '/api/partitions/raise', { to: 2 });
    const sending = setInterval(() => void append([500], { ...IN, partition: 1 }).catch(() => undefined), 50);
    const { body } = await looking;
    clearInterval(sending);
    expect(body.differences).toContainEqual(expect.objectContaining({ partition: 1, more: ['large'] }));
  });
});
