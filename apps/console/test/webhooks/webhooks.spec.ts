import { AttemptLog, EndpointStates, EndpointStore } from '@millrace/endpoints';
import { Operations } from '@millrace/operations';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { type Answer, KEY, RunningConsole } from '../running-console.js';

const READER = 'a-key-that-may-only-read';
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const NO_SINK = 'No webhook sink is registered: nothing is delivered until one runs';
const HOOK = { name: 'hook:a', partition: 0 };

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
  running.ask(method, `/api/webhooks${path}`, body);
const put = (more: object = {}) =>
  ask('PUT', '/a', { url: 'https://me:pass@example.com/in?token=abc', secret: SECRET, ...more });
const sent = async () =>
  (await running.transport.reader.range(HOOK, '-', '+', 10)).map(({ event }) => JSON.parse(event.json) as object);

describe('webhook endpoints over the API', () => {
  it('are put and shown without anything that is secret', async () => {
    expect(
      (await put({ headers: { authorization: 'Bearer xyz' }, topics: ['orders'], format: 'binary' })).body,
    ).toEqual({ version: 1, created: true, changed: true, warnings: [NO_SINK] });
    const { body } = await ask('GET', '/a');
    const text = JSON.stringify(body);
    expect(body).toMatchObject({
      name: 'a',
      state: {},
      waiting: 0,
      deadLetters: 0,
      endpoint: {
        name: 'a',
        topics: ['orders'],
        format: 'binary',
        headers: { authorization: '…' },
        secret: [expect.stringMatching(/^whsec_….{4}$/)],
      },
    });
    for (const secret of ['pass', 'abc', 'xyz', SECRET]) expect(text).not.toContain(secret);
    expect((await ask('GET', '')).body).toMatchObject({ version: 1, endpoints: [{ name: 'a' }] });
    expect((await ask('DELETE', '/a')).body).toEqual({ version: 2 });
    expect((await ask('GET', '/a')).status).toBe(404);
  });

  it('show their path to whoever may change them, and to nobody else', async () => {
    await running.close();
    running = await RunningConsole.start(redis.url, { API_KEYS: [KEY], API_KEYS_READ: [READER] });
    await put({ url: 'https://hooks.example.com/services/T0/B0/a-secret' });
    expect(JSON.stringify((await ask('GET', '/a')).body)).toContain('a-secret');
    for (const path of ['', '/a']) {
      const response = await fetch(`${running.url}/api/webhooks${path}`, { headers: { 'x-api-key': READER } });
      const text = await response.text();
      expect(text).toContain('https://hooks.example.com/…');
      expect(text).not.toContain('a-secret');
    }
  });

  it('of a file are shown by name', async () => {
    await running.transport.registry.registerGroup({
      group: 'hook.filed',
      hop: 'sink-webhook',
      streams: ['hook:filed'],
    });
    expect((await ask('GET', '/filed')).body).toMatchObject({ name: 'filed', endpoint: null });
  });

  it('that were deleted are gone, whatever the sink that served them has registered', async () => {
    await put();
    await running.transport.registry.registerGroup({
      group: 'hook.a',
      hop: 'sink-webhook',
      streams: ['hook:a'],
      about: { source: 'Redis', topics: '*' },
    });
    expect((await ask('GET', '')).body.endpoints).toHaveLength(1);
    await ask('DELETE', '/a');
    expect((await ask('GET', '')).body.endpoints).toEqual([]);
    expect((await ask('GET', '/a')).status).toBe(404);
  });

  it('get a new secret beside the one before, which is shown once', async () => {
    await put();
    const { body } = await ask('POST', '/a/rotate');
    expect(body).toMatchObject({ version: 2, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) });
    expect((await ask('GET', '/a')).body.endpoint.secret).toEqual([
      `whsec_…${body.secret.slice(-4)}`,
      `whsec_…${SECRET.slice(-4)}`,
    ]);
    expect((await ask('POST', '/a/rotate', { secret: SECRET })).body.secret).toBe(SECRET);
    expect((await ask('GET', '/a')).body.endpoint.secret).toHaveLength(2);
  });

  it('are switched off and on by hand', async () => {
    await put();
    expect((await ask('POST', '/a/off')).body).toEqual({ wasOff: false });
    expect((await ask('GET', '/a')).body.state).toMatchObject({ offAt: expect.any(Number), offReason: 'by hand' });
    const on = await ask('POST', '/a/on');
    expect(on).toMatchObject({ status: 200, body: { wasOff: true, rescheduled: 0, waiting: 0 } });
    expect((await ask('POST', '/a/on')).body.wasOff).toBe(false);
    expect(await new EndpointStates(running.transport).of('a')).toEqual({});
    const audit = await new Operations(running.transport).audit.newest(3);
    expect(audit.map(({ action }) => action)).toEqual(['enable endpoint', 'enable endpoint', 'disable endpoint']);
  });

  it('tell of their attempts', async () => {
    await put();
    const log = new AttemptLog(running.transport);
    const attempt = {
      at: 1,
      attempt: 1,
      type: 't',
      source: '/s',
      id: '1',
      stream: 'topic:orders',
      position: '1-0',
      partition: 0,
      ms: 5,
    };
    log.add('a', { ...attempt, status: 500, failure: 'no' });
    log.add('a', { ...attempt, attempt: 2, status: 204 });
    await log.flush();
    const { attempts } = (await ask('GET', '/a/attempts')).body;
    expect(attempts.map(({ attempt: n, status }: { attempt: number; status: number }) => [n, status])).toEqual([
      [2, 204],
      [1, 500],
    ]);
  });

  it('are sent a test, and an event again', async () => {
    await put();
    const { status, body } = await ask('POST', '/a/test');
    expect(status).toBe(202);
    expect(await sent()).toMatchObject([{ id: body.id, type: 'millrace.test', data: { endpoint: 'a' } }]);
    const json = '{"specversion":"1.0","id":"1","source":"/s","type":"t"}';
    const [stored] = await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [
      { type: 't', json },
    ]);
    const where = { stream: 'topic:orders', position: stored?.position };
    expect((await ask('POST', '/a/resend', where)).status).toBe(202);
    expect((await sent())[1]).toEqual(JSON.parse(json));
    expect((await ask('POST', '/a/resend', { ...where, position: '1-0' })).status).toBe(404);
    expect((await ask('POST', '/a/resend', { ...where, stream: 'dead:x' })).status).toBe(400);
  });

  it('change by what is named and nothing else', async () => {
    const pattern = { data: { amount: [{ numeric: ['>', 100] }] } };
    await put({ topics: ['orders'], pattern, headers: { authorization: 'Bearer xyz' }, rate: 5 });
    const stored = async () => {
      const { definitions } = await new EndpointStore(running.transport).written();
      return definitions.find(({ name }) => name === 'a');
    };
    const before = await stored();
    expect((await ask('PATCH', '/a', { url: 'https://other.example.com/' })).body).toMatchObject({
      version: 2,
      created: false,
    });
    expect(await stored()).toEqual({ ...before, url: 'https://other.example.com/' });
    await ask('PATCH', '/a', { rate: null, timeout: '3s' });
    const { rate: _, ...rest } = before as Record<string, unknown>;
    expect(await stored()).toEqual({ ...rest, url: 'https://other.example.com/', timeout: '3s' });
    // Edits at the same time change what each names.
    await Promise.all(
      ['1s', '2s', '4s'].map((timeout) => ask('PATCH', '/a', { timeout })).concat(ask('PATCH', '/a', { rate: 7 })),
    );
    expect(await stored()).toMatchObject({ rate: 7, secret: SECRET, pattern });
    // A whole one replaces all but its secret, which nobody has seen since it was made.
    await ask('PUT', '/a', { url: 'https://new.example.com/' });
    expect(await stored()).toEqual({ name: 'a', url: 'https://new.example.com/', secret: SECRET });
  });

  it('are signed but where somebody says that they are not', async () => {
    const url = 'https://example.com/';
    for (const [method, name] of [
      ['PUT', 'put'],
      ['PATCH', 'patch'],
    ] as const) {
      const { body } = await ask(method, `/${name}`, { url });
      expect(body).toMatchObject({ created: true, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) });
      expect((await ask('GET', `/${name}`)).body.endpoint.secret).toEqual([`whsec_…${body.secret.slice(-4)}`]);
      expect((await ask(method, `/${name}`, { url })).body.secret).toBeUndefined();
      expect((await ask('GET', `/${name}`)).body.endpoint.secret).toEqual([`whsec_…${body.secret.slice(-4)}`]);
    }
    expect((await ask('PUT', '/open', { url, signed: false })).body.secret).toBeUndefined();
    expect((await ask('GET', '/open')).body.endpoint).toEqual({ name: 'open', url, signed: false });
    expect((await ask('PATCH', '/open', { timeout: '1s' })).body.secret).toBeUndefined();
    expect((await ask('PATCH', '/open', { signed: true })).body.secret).toMatch(/^whsec_/);
    expect(await ask('PATCH', '/open', { secret: null })).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/set signed: false/) },
    });
    await ask('PATCH', '/open', { signed: false });
    expect((await ask('GET', '/open')).body.endpoint).toMatchObject({ signed: false });
    expect((await ask('GET', '/open')).body.endpoint.secret).toBeUndefined();
  });

  it('that were unsigned before stay so', async () => {
    await new EndpointStore(running.transport).write(
      'old',
      'put',
      () => ({ name: 'old', url: 'http://old.example.com' }),
      { who: '' },
    );
    expect((await ask('PATCH', '/old', { timeout: '1s' })).body.secret).toBeUndefined();
    expect((await ask('GET', '/old')).body.endpoint.secret).toBeUndefined();
  });

  it('warn of what brings them nothing: where they are written, in the list and by the doctor', async () => {
    const { registry } = running.transport;
    await registry.registerTopics(['orders', 'pushes']);
    await registry.registerGroup({ group: 'sink-webhook', hop: 'sink-webhook', streams: ['topic:orders'] });
    const unread = 'The webhook sink does not read "pushes": its TOPICS are orders';
    expect((await put({ topics: ['orders', 'pushes'] })).body.warnings).toEqual([unread]);
    expect((await ask('PATCH', '/b', { url: 'http://b.example.com/#in', topics: ['orders'] })).body.warnings).toEqual([
      'Its URL has a part after "#", which is not sent',
    ]);
    expect((await ask('PATCH', '/b', { url: 'http://b.example.com/' })).body.warnings).toEqual([]);
    expect((await ask('GET', '/a')).body.warnings).toEqual([unread]);
    await registry.registerGroup({
      group: 'hook.filed',
      hop: 'sink-webhook',
      streams: ['hook:filed'],
      about: { source: 'file', topics: ['pushes'] },
    });
    await new EndpointStates(running.transport).off('b', { offAt: 0, offReason: 'it answered 410' });
    const { findings } = (await running.ask('GET', '/api/doctor')).body;
    const found = findings.filter(({ check }: { check: string }) => check === 'webhook');
    expect(found).toEqual([
      { check: 'webhook', verdict: 'warning', detail: `endpoint a: ${unread}` },
      {
        check: 'webhook',
        verdict: 'warning',
        detail: 'endpoint b: disabled since 1970-01-01T00:00:00.000Z: it answered 410',
      },
      { check: 'webhook', verdict: 'warning', detail: `endpoint filed: ${unread}` },
    ]);
    await registry.registerGroup({ group: 'other', hop: 'sink-webhook', streams: ['topic:*'] });
    expect((await put({ topics: ['ordres'] })).body.warnings).toEqual(['Unknown topic "ordres": no route names it']);
  });

  it('get an event again only where they take it, or somebody says so', async () => {
    const json = '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"amount":5}}';
    const [stored] = await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [
      { type: 't', json },
    ]);
    const where = { stream: 'topic:orders', position: stored?.position };
    for (const filter of [{ topics: ['pushes'] }, { pattern: { data: { amount: [{ numeric: ['>', 100] }] } } }]) {
      await put(filter);
      const refused = { status: 422, body: { detail: expect.stringMatching(/does not get this event.*unfiltered/) } };
      expect(await ask('POST', '/a/resend', where)).toMatchObject(refused);
    }
    expect(await sent()).toEqual([]);
    expect((await ask('POST', '/a/resend', { ...where, unfiltered: true })).status).toBe(202);
    expect(await sent()).toEqual([JSON.parse(json)]);
  });

  it('say where what is sent to them has to wait', async () => {
    await put();
    const warnings = async () => (await ask('POST', '/a/test')).body.warnings;
    expect(await warnings()).toEqual(['No webhook sink is registered: deliveries are queued until one runs']);
    const { registry } = running.transport;
    const { settings } = new Operations(running.transport);
    await registry.registerGroup({ group: 'hook.a', hop: 'sink-webhook', streams: ['hook:a'] });
    expect(await warnings()).toEqual([]);
    const key = running.transport.keys.control('sinks');
    const redis = running.transport.connections.connect('test');
    const registered = (await redis.hget(key, 'hook.a')) as string;
    await redis.hset(key, 'hook.a', JSON.stringify({ ...JSON.parse(registered), seenAt: 1 }));
    expect(await warnings()).toEqual([
      'No heartbeat of a webhook sink since 1970-01-01T00:00:00.001Z: deliveries are queued until one runs',
    ]);
    await redis.hset(key, 'hook.a', registered);
    await settings.setPause('hook.a', { at: 1, who: '' });
    expect(await warnings()).toEqual(['hook.a is paused: deliveries are queued until it is resumed']);
    await settings.setPause('hook.a', null);
    await ask('POST', '/a/off');
    expect(await warnings()).toEqual(['The endpoint is disabled: deliveries are queued until it is enabled']);
    await put({ enabled: false });
    expect(await ask('POST', '/a/on')).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/enabled: false/) },
    });
  });

  it('are tried now: what is scheduled for later is due', async () => {
    await put();
    const key = running.transport.keys.parked('hook.a', 0);
    const redis = running.transport.connections.connect('test');
    const later = Date.now() + 3_600_000;
    await redis.zadd(key, ...Array.from({ length: 1200 }, (_, n) => [later, `d${n}`]).flat());
    expect((await ask('POST', '/a/on')).body).toMatchObject({ wasOff: false, rescheduled: 1200 });
    expect(await redis.zcount(key, `(${Date.now()}`, '+inf')).toBe(0);
  });

  it('that a sink has disabled stay so since when and for what they are, whoever disables them again', async () => {
    await put();
    const states = new EndpointStates(running.transport);
    const off = { offAt: 5, offReason: 'it answered 410' };
    await states.off('a', off);
    expect((await ask('POST', '/a/off')).body).toEqual({ wasOff: true });
    expect(await states.off('a', { offAt: 6, offReason: 'by hand' })).toBe(false);
    expect(await states.of('a')).toEqual(off);
  });

  it('of a name that was there before begin anew', async () => {
    await put();
    await ask('POST', '/a/off');
    await ask('DELETE', '/a');
    await put();
    expect((await ask('GET', '/a')).body.state).toEqual({});
  });

  it.each([
    ['PUT', '/a', { url: 'http://user:50%@h/' }, 422, /user or password has an invalid percent-encoding/],
    ['PUT', '/a', { url: 'http://h:0/' }, 422, /port 0/],
    ['PUT', '/a', { url: 'http://a..b/' }, 422, /invalid host name/],
    ['PUT', '/a', { url: 'http://h/?token=%E2%80%A6' }, 422, /url has a masked part "…"/],
    ['PUT', '/a', { url: 'http://h/', headers: { k: '…' } }, 422, /header "k" has a masked value "…"/],
    ['PUT', '/a', { url: 'http://h/', name: 'b' }, 422, /name differs from that of the path/],
    ['PUT', '/a', { url: 'http://h/', secret: SECRET, signed: false }, 422, /signed is false, but there is a secret/],
    ['PATCH', '/a', { rate: 1e-9 }, 404, /endpoint "a" not found/i],
    [
      'PATCH',
      '/a',
      { url: 'http://h/', rate: 1e-9 },
      422,
      /rate must be a number of requests per second from 0.001 to 100000, got 1e-9/,
    ],
    ['PATCH', '/a', [], 422, /must be an object with a url/],
    ['PUT', '/a', { url: 'ftp://x' }, 422, /url must be http.*, got an invalid URL/],
    ['PUT', '/a', { url: 'http://x', format: 'xml' }, 422, /format must be one of structured, binary, data, got "xml"/],
    ['PUT', '/a', { url: 'http://x', rate: 0 }, 422, /rate must be a number of requests per second .*, got 0/],
    ['PUT', '/a', { url: 'http://x', pattern: { type: 'x' } }, 422, /pattern: type/],
    [
      'PUT',
      '/a',
      { url: 'http://x', secret: 'geheim' },
      422,
      /secret must be whsec_ .*, got a value that is not shown/,
    ],
    ['PUT', '/a', { url: 'http://x', secret: [] }, 422, /secret must be a list of 1 to 5 secrets, got 0/],
    ['PUT', '/a?version=5', { url: 'http://x' }, 409, /it is at version 0, not 5/],
    ['DELETE', '/nobody', undefined, 404, /endpoint "nobody" not found in Redis/i],
    ['POST', '/nobody/rotate', undefined, 404, /endpoint "nobody" not found/i],
    ['POST', '/nobody/test', undefined, 404, /endpoint "nobody" not found/i],
    ['POST', '/nobody/on', undefined, 404, /endpoint "nobody" not found/i],
    ['POST', '/a/rotate', { secret: 'x' }, 400, /secret/],
  ])('refuse %s %s %j', async (method, path, body, status, detail) => {
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
    expect(JSON.stringify(answer.body)).not.toContain('geheim');
  });
});
