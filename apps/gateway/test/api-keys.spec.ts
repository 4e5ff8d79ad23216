import { request } from 'node:http';
import { KeyStore } from '@millrace/api-keys';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type Answered, startGateway, type TestGateway } from './gateway.js';

const by = { who: 'a' };

let redis: RedisServer;
let gateway: TestGateway;
let keys: KeyStore;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  gateway = await startGateway(redis.url, { AUTH: 'stored' });
  keys = new KeyStore(gateway.transport);
});
afterEach(() => gateway.close());

const as = (token: string) => ({ authorization: `Bearer ${token}` });
/** Resolves when the gateway answers a key with a status. */
const answers = (token: string, status: number): Promise<boolean> =>
  waitFor(async () => (await gateway.get('/api/ingest/summary', as(token))).status === status, {
    what: `an answer ${status}`,
  });

describe('stored keys', () => {
  it('are asked for although there is none yet, and taken up while the gateway runs', async () => {
    expect((await gateway.post({ type: 't' })).status).toBe(401);
    const { token } = await keys.create('shop', { scopes: ['publish'] }, by);
    await answers(token, 200);
    expect((await gateway.post({ type: 't' }, as(token))).status).toBe(202);
    await keys.revoke('shop', by);
    await answers(token, 401);
    expect((await gateway.post({ type: 't' }, as(token))).status).toBe(401);
  });

  it('without the scope may neither publish nor use the measurements API', async () => {
    const { token } = await keys.create('viewer', { scopes: ['read', 'admin'] }, by);
    await answers(token, 403);
    const { status, body } = await gateway.post({ type: 't' }, as(token));
    expect(body.detail).toBe('This API key has the scopes read, admin; this requires "publish"');
    expect(status).toBe(403);
    expect(await gateway.appended()).toEqual([]);
  });

  it('reject the events of a batch that they may not publish, and no others', async () => {
    const { token } = await keys.create('shop', { scopes: ['publish'], types: ['order.*'], sources: ['/shop/*'] }, by);
    await answers(token, 403);
    const event = (id: string, source: string, type: string) => ({ specversion: '1.0', id, source, type });
    const batch = [
      event('1', '/shop/1', 'order.paid'),
      event('2', '/shop/1', 'refund'),
      event('3', '/bank', 'order.paid'),
    ];
    const { status, body } = await gateway.post(batch, {
      ...as(token),
      'content-type': 'application/cloudevents-batch+json',
    });
    expect([status, body.accepted, body.rejected]).toEqual([202, 1, 2]);
    expect(body.results.map(({ error }: { error?: { status: number } }) => error?.status)).toEqual([
      undefined,
      403,
      403,
    ]);
    const one = await gateway.post(batch[1], { ...as(token), 'content-type': 'application/cloudevents+json' });
    expect(one).toMatchObject({
      status: 403,
      body: { detail: 'This API key may not publish the type "refund"; it may publish order.*' },
    });
    expect((await gateway.appended()).map(({ id }) => id)).toEqual(['1']);
  });

  it.each([
    ['sources', { sources: ['/shop/*'] }],
    ['types', { types: ['till.*'] }],
  ])(
    'that are bound to %s are so at the measurements API, where they may append and nothing else',
    async (_, rules) => {
      const { token } = await keys.create('shop', { scopes: ['publish'], ...rules }, by);
      await answers(token, 403);
      const append = (source: string, metric: string) =>
        gateway.post({ source, metric, value: 1 }, as(token), '/api/ingest/events');
      expect((await append('/shop/1', 'till.open')).status).toBe(200);
      const other = await append('/bank', 'vault.open');
      expect(other.status).toBe(403);
      expect(other.body.detail).toMatch(
        /^This API key may not publish the (source "\/bank"|type "vault.open"); it may /,
      );
      const refused = {
        status: 403,
        body: { detail: expect.stringMatching(/^This API key is restricted to sources or types;/) },
      };
      const work = { consumer: 'w', count: 1 };
      expect(await gateway.post(work, as(token), '/api/ingest/workers/process')).toMatchObject(refused);
      expect(await gateway.get('/api/ingest/summary', as(token))).toMatchObject(refused);
      expect(await gateway.get('/api/ingest/events/recent', as(token))).toMatchObject(refused);
      const { token: unbound } = await keys.create('all', { scopes: ['publish'] }, by);
      await answers(unbound, 200);
      expect((await gateway.get('/api/ingest/events/recent', as(unbound))).body).toHaveLength(1);
    },
  );

  // Protected by the mark of the type beside a digest: without it the order counts as sent, and is nowhere.
  it('bound to types cannot make an event of another type a duplicate', async () => {
    const { token: refunds } = await keys.create('refunds', { scopes: ['publish'], types: ['refund.*'] }, by);
    const { token: orders } = await keys.create('orders', { scopes: ['publish'], types: ['order.*'] }, by);
    await answers(orders, 403);
    const send = (token: string, type: string) =>
      gateway.post(
        { specversion: '1.0', id: 'o1', source: '/shop', type },
        { ...as(token), 'content-type': 'application/cloudevents+json' },
      );
    expect((await send(refunds, 'refund.paid')).body.accepted).toBe(1);
    expect(await send(orders, 'order.paid')).toMatchObject({
      status: 409,
      body: { type: 'urn:millrace:problem:conflict', detail: expect.stringMatching(/^An event of another type/) },
    });
    expect((await send(refunds, 'refund.paid')).body.duplicates).toBe(1);
    expect((await gateway.appended()).map(({ type }) => type)).toEqual(['refund.paid']);
  });

  it('may choose the same idempotency key as others, for plain events too', async () => {
    const { token: a } = await keys.create('a', { scopes: ['publish'] }, by);
    const { token: b } = await keys.create('b', { scopes: ['publish'] }, by);
    await answers(b, 200);
    const send = (token: string, body: unknown) =>
      gateway.post(body, { ...as(token), 'content-type': 'application/json', 'idempotency-key': 'k1' });
    for (const body of [{ type: 't' }, [{ type: 't' }, { type: 't' }]]) {
      for (const token of [a, b])
        expect(await send(token, body)).toMatchObject({ status: 202, body: { duplicates: 0 } });
      for (const token of [a, b]) expect(await send(token, body)).toMatchObject({ status: 202, body: { accepted: 0 } });
    }
    const ids = (await gateway.appended()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
  });

  it('keep their idempotency keys when they are rotated', async () => {
    const { token } = await keys.create('shop', { scopes: ['publish'] }, by);
    const { token: second = '' } = (await keys.rotate('shop', 60_000, by)) ?? {};
    await answers(second, 200);
    const send = (with_: string): Promise<Answered> =>
      gateway.post({ type: 't' }, { ...as(with_), 'idempotency-key': 'one' });
    expect((await send(token)).body.accepted).toBe(1);
    expect((await send(second)).body.duplicates).toBe(1);
  });

  it('end a long request of NDJSON that is under way when they are revoked', async () => {
    const { token } = await keys.create('shop', { scopes: ['publish'] }, by);
    await answers(token, 200);
    const headers = { ...as(token), 'content-type': 'application/x-ndjson' };
    const asked = request(`${gateway.url}/v1/events`, { method: 'POST', headers });
    const answered = new Promise<string>((resolve, reject) => {
      asked.on('error', reject).on('response', async (response) => resolve((await response.toArray()).join('')));
    });
    asked.write('{"type":"t","id":"first"}\n');
    await waitFor(async () => (await gateway.appended()).length === 1, { what: 'the first line' });
    await keys.revoke('shop', by);
    await answers(token, 401);
    asked.end('{"type":"t","id":"second"}\n');
    const { accepted, rejected, results } = JSON.parse(await answered);
    expect([accepted, rejected, results[1].error.status]).toEqual([1, 1, 401]);
    expect(await gateway.appended()).toHaveLength(1);
  });
});
