import { AttemptLog, EndpointStates } from '@millrace/endpoints';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { type Answer, KEY, RunningConsole } from './running-console.js';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
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
    ).toEqual({
      version: 1,
    });
    const { body } = await ask('GET', '/a');
    const text = JSON.stringify(body);
    expect(body).toMatchObject({
      ...{ name: 'a', state: {}, waiting: 0, deadLetters: 0 },
      endpoint: {
        ...{ name: 'a', topics: ['orders'], format: 'binary', headers: { authorization: '…' } },
        secret: [expect.stringMatching(/^whsec_….{4}$/)],
      },
    });
    for (const secret of ['pass', 'abc', 'xyz', SECRET]) expect(text).not.toContain(secret);
    expect((await ask('GET', '')).body).toMatchObject({ version: 1, endpoints: [{ name: 'a' }] });
    expect((await ask('DELETE', '/a')).body).toEqual({ version: 2 });
    expect((await ask('GET', '/a')).status).toBe(404);
  });

  it('of a file are shown by name', async () => {
    await running.transport.registry.registerGroup({
      group: 'hook.filed',
      hop: 'sink-webhook',
      streams: ['hook:filed'],
    });
    expect((await ask('GET', '/filed')).body).toMatchObject({ name: 'filed', endpoint: null });
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
    expect((await ask('POST', '/a/off')).status).toBe(204);
    expect((await ask('GET', '/a')).body.state).toMatchObject({ offAt: expect.any(Number), offReason: 'by hand' });
    expect((await ask('POST', '/a/on')).status).toBe(204);
    expect(await new EndpointStates(running.transport).of('a')).toEqual({});
    const audit = await running.transport.audit.newest(2);
    expect(audit.map(({ action }) => action)).toEqual(['switch endpoint on', 'switch endpoint off']);
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
    expect((await ask('POST', '/a/resend', where)).status).toBe(204);
    expect((await sent())[1]).toEqual(JSON.parse(json));
    expect((await ask('POST', '/a/resend', { ...where, position: '1-0' })).status).toBe(404);
    expect((await ask('POST', '/a/resend', { ...where, stream: 'dead:x' })).status).toBe(400);
  });

  it.each([
    ['PUT', '/a', { url: 'ftp://x' }, 422, /url is no such URL; it takes http/],
    ['PUT', '/a', { url: 'http://x', format: 'xml' }, 422, /format is "xml"; it takes structured, binary, data/],
    ['PUT', '/a', { url: 'http://x', rate: 0 }, 422, /rate is 0; it takes requests a second/],
    ['PUT', '/a', { url: 'http://x', pattern: { type: 'x' } }, 422, /pattern: type/],
    ['PUT', '/a', { url: 'http://x', secret: 'geheim' }, 422, /secret is not shown here; it takes whsec_/],
    ['PUT', '/a', { url: 'http://x', secret: [] }, 422, /secret is a list of 0; it takes 1 to 5/],
    ['PUT', '/a?version=5', { url: 'http://x' }, 409, /it is at version 0, not 5/],
    ['DELETE', '/nobody', undefined, 404, /There is no endpoint "nobody" in Redis/],
    ['POST', '/nobody/rotate', undefined, 404, /There is no endpoint "nobody"/],
    ['POST', '/nobody/test', undefined, 404, /There is no endpoint "nobody"/],
    ['POST', '/nobody/on', undefined, 404, /There is no endpoint "nobody"/],
    ['POST', '/a/rotate', { secret: 'x' }, 400, /secret/],
  ])('refuse %s %s %j', async (method, path, body, status, detail) => {
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
    expect(JSON.stringify(answer.body)).not.toContain('geheim');
  });
});
