import { KeyStore } from '@millrace/api-keys';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { KEY, RunningConsole } from '../running-console.js';

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

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const make = async (name: string, more: object): Promise<string> => {
  const { status, body } = await running.ask('POST', '/api/keys', { name, ...more });
  expect(status).toBe(201);
  return body.token;
};

describe('API keys where authentication is disabled', () => {
  it('are made with a warning that they protect nothing', async () => {
    const open = await RunningConsole.start(redis.url);
    const made = await open.ask('POST', '/api/keys', { name: 'shop', scopes: ['publish'] });
    expect(made.body.warnings).toEqual([
      expect.stringMatching(/^authentication is disabled at this console: .*AUTH=stored/),
    ]);
    expect((await open.ask('POST', '/api/keys/shop/rotate')).body.warnings).toHaveLength(1);
    await open.close();
    const closed = await running.ask('POST', '/api/keys', { name: 'shop', scopes: ['publish'] });
    expect(closed.body.warnings).toEqual([]);
  });
});

describe('API keys over the API', () => {
  it('are made, and in force at once, with the role that their scopes make', async () => {
    const token = await make('alice', { scopes: ['operate'], expires: '90d' });
    expect((await running.ask('GET', '/api/me', undefined, as(token))).body).toEqual({
      name: 'alice',
      role: 'operate',
      auth: 'on',
      lab: true,
    });
    expect((await running.ask('POST', '/api/keys', { name: 'b', scopes: ['admin'] }, as(token))).status).toBe(403);
    expect((await running.ask('GET', '/api/keys', undefined, as(token))).status).toBe(403);
    const publisher = await make('shop', { scopes: ['publish'] });
    expect(await running.ask('GET', '/api/me', undefined, as(publisher))).toMatchObject({ status: 403 });
  });

  it('are shown without secrets, and without the hashes of them', async () => {
    const token = await make('shop', { scopes: ['publish'], types: ['order.*'], rateLimit: '10/s' });
    const { body } = await running.ask('GET', '/api/keys');
    const [id] = token.slice(3).split('_');
    expect(body).toEqual({
      version: 1,
      invalid: [],
      next: null,
      keys: [
        {
          id,
          name: 'shop',
          scopes: ['publish'],
          types: ['order.*'],
          rateLimit: '10/s',
          isExpired: false,
          createdAt: expect.any(Number),
          rotatedAt: expect.any(Number),
          createdBy: expect.stringMatching(/^.{12}$/),
        },
      ],
    });
  });

  it('are rotated and revoked, and the audit says who did it', async () => {
    const admin = await make('root', { scopes: ['admin'] });
    const first = await make('alice', { scopes: ['read'] });
    const rotated = await running.ask('POST', '/api/keys/alice/rotate', { grace: '1h' }, as(admin));
    expect(rotated).toMatchObject({ status: 200, body: { version: 3, key: { oldUntil: expect.any(Number) } } });
    for (const token of [first, rotated.body.token]) {
      expect((await running.ask('GET', '/api/me', undefined, as(token))).status).toBe(200);
    }
    expect(await running.ask('DELETE', '/api/keys/alice', undefined, as(admin))).toMatchObject({
      status: 200,
      body: { version: 4 },
    });
    expect((await running.ask('GET', '/api/me', undefined, as(first))).status).toBe(401);
    const { body } = await running.ask('GET', '/api/audit?limit=2');
    expect(body.entries).toMatchObject([
      { who: 'root', action: 'revoke keys', detail: { changed: ['alice'] } },
      { who: 'root', action: 'rotate keys' },
    ]);
  });

  it('that have expired are rotated, and say that no token of them lets anybody in', async () => {
    const store = new KeyStore(running.transport);
    await store.create('old', { scopes: ['read'], expiresAt: 5 }, { who: '' }, 1);
    const { body } = await running.ask('POST', '/api/keys/old/rotate');
    expect(body.warnings).toContain('this key has expired: its tokens are refused');
  });

  it('end the live view of whoever they are taken from', async () => {
    const token = await make('alice', { scopes: ['read'] });
    const response = await fetch(`${running.url}/api/live`, { headers: as(token) });
    expect(response.status).toBe(200);
    let ended = false;
    void response.text().then(() => {
      ended = true;
    });
    await running.ask('DELETE', '/api/keys/alice');
    await waitFor(() => ended, { what: 'the end of the live view' });
  });

  it.each([
    ['POST', '', { name: 'b', scopes: ['root'] }, 422, /scopes must be .*, got \["root"\]/],
    ['POST', '', { name: 'b' }, 400, /scopes/],
    ['POST', '', { name: 'b', scopes: ['read'], expires: 'soon' }, 400, /expires must be a time .*, got "soon"/],
    ['POST', '', { name: 'b', scopes: ['read'], expires: '2001-01-01' }, 422, /in the future/],
    ['POST', '', { name: 'b', scopes: ['read'], secrets: [] }, 400, /secrets/],
    ['POST', '/nobody/rotate', {}, 404, /key "nobody" not found/i],
    ['POST', '/nobody/rotate', { grace: 'x' }, 400, /grace must be .*, got "x"/],
    ['DELETE', '/nobody', undefined, 404, /key "nobody" not found/i],
  ])('refuse %s %s %j', async (method, path, body, status, detail) => {
    expect(await running.ask(method, `/api/keys${path}`, body)).toMatchObject({
      status,
      body: { detail: expect.stringMatching(detail) },
    });
  });
});
