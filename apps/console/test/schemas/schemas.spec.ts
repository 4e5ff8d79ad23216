import { type RedisServer, startRedis } from '@millrace/testkit';
import { type Answer, KEY, RunningConsole } from '../running-console.js';

const SCHEMA = { type: 'object', required: ['amount'] };

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
  running.ask(method, `/api/schemas${path}`, body);

describe('schemas over the API', () => {
  it('are saved as versions that stay, with a mode that begins at warn', async () => {
    expect((await ask('PUT', '/order.paid/versions/1', SCHEMA)).body).toEqual({ version: 1 });
    expect((await ask('GET', '/order.paid')).body).toEqual({
      type: 'order.paid',
      mode: 'warn',
      versions: { '1': SCHEMA },
    });
    expect(await ask('PUT', '/order.paid/versions/1', SCHEMA)).toEqual({ status: 200, body: { version: 1 } });
    expect(await ask('PUT', '/order.paid/versions/1', { type: 'string' })).toMatchObject({
      status: 409,
      body: { detail: 'version 1 of "order.paid" already exists; save a changed schema as another version' },
    });
    expect((await ask('PUT', '/order.paid', { mode: 'enforce', current: '1' })).body).toEqual({ version: 2 });
    expect((await ask('GET', '')).body).toMatchObject({
      version: 2,
      schemas: [{ type: 'order.paid', mode: 'enforce' }],
    });
  });

  it('are tried on an event', async () => {
    await ask('PUT', '/a%2Fb/versions/1', SCHEMA);
    const event = { specversion: '1.0', type: 'a/b', data: {} };
    expect((await ask('POST', '/test', { type: 'a/b', event })).body).toMatchObject({ valid: false, pointer: '/data' });
    expect((await ask('POST', '/test', { type: 'a/b', event: { data: { amount: 1 } } })).body).toEqual({ valid: true });
    expect((await ask('POST', '/test', { type: 'other', event })).status).toBe(404);
  });

  it('go back to what they were, and tell who changed them', async () => {
    await ask('PUT', '/order/versions/1', SCHEMA);
    await ask('DELETE', '/order');
    expect((await ask('GET', '/order')).status).toBe(404);
    expect((await ask('POST', '/rollback', { to: 1 })).body).toEqual({ version: 3 });
    expect((await ask('GET', '/order')).status).toBe(200);
    const { changes } = (await ask('GET', '/history')).body;
    expect(changes.map(({ action }: { action: string }) => action)).toEqual(['rollback', 'delete', 'save']);
    expect(changes[0].who).not.toBe('');
  });

  it.each([
    ['PUT', '/order/versions/1', { type: 'nothing' }, 422, /version 1: schema is invalid/],
    ['PUT', '/order/versions/a%20b', SCHEMA, 422, /version must be 1 to 64 letters.*, got "a b"/],
    ['PUT', '/order', { mode: 'enforce' }, 404, /schema of "order" not found in Redis/i],
    ['PUT', '/order', { mode: 'strict' }, 400, /mode/],
    ['DELETE', '/order', undefined, 404, /not found/],
    ['POST', '/rollback', { to: 9 }, 409, /there is no version 9/],
    ['PUT', '/order/versions/1?version=9', SCHEMA, 409, /it is at version 0, not 9/],
  ])('refuse %s %s %j', async (method, path, body, status, detail) => {
    expect(await ask(method, path, body)).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
  });
});
