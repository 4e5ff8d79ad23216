import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { startGateway, type TestGateway } from './gateway.js';

const CLOUDEVENT = { 'content-type': 'application/cloudevents+json' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const LINES = { 'content-type': 'application/x-ndjson' };
const KEY = 'a-key-of-sixteen-characters';
const event = (id: string, rest: object = {}) => ({ specversion: '1.0', id, source: '/s', type: 't', ...rest });
const statuses = (body: { results: { status: string }[] }): string[] => body.results.map(({ status }) => status);

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => gateway.close());

describe('every form', () => {
  beforeEach(async () => {
    gateway = await startGateway(redis.url);
  });

  it('structured: as it came in', async () => {
    const json = '{ "specversion":"1.0", "id":"1", "source":"/s", "type":"t", "data": {"n": 1.00} }';
    const { status, body } = await gateway.post(json, CLOUDEVENT);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      accepted: 1,
      results: [{ index: 0, id: '1', status: 'accepted', streamId: /^\d+-\d+$/ }].map(
        ({ streamId: _, ...rest }) => rest,
      ),
    });
    const [delivery] = await gateway.transport.reader.range({ name: 'in', partition: 0 }, '-', '+', 1);
    expect(delivery?.event).toEqual({ type: 't', json });
    expect(delivery?.position).toBe(body.results[0].streamId);
  });

  it('a batch: results in order', async () => {
    const { body } = await gateway.post([event('1'), event('2'), event('1')], BATCH);
    expect(statuses(body)).toEqual(['accepted', 'accepted', 'duplicate']);
    expect(body.results[2].streamId).toBe(body.results[0].streamId);
    expect((await gateway.appended()).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('binary: attributes as headers, percent-decoded', async () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/s',
      'ce-type': 't',
      'ce-subject': 'Z%C3%BCrich',
    };
    expect((await gateway.post('{"n":1}', headers)).status).toBe(202);
    expect(await gateway.appended()).toMatchObject([{ id: '1', subject: 'Zürich', data: { n: 1 } }]);
  });

  it('plain JSON: what is missing is filled in', async () => {
    expect((await gateway.post({ type: 't', data: 1 })).status).toBe(202);
    expect((await gateway.post([{ type: 'u' }, { type: 'v' }])).body.accepted).toBe(2);
    expect(await gateway.appended()).toMatchObject([
      { specversion: '1.0', type: 't', source: '/millrace/gateway', id: expect.any(String), time: expect.any(String) },
      { type: 'u' },
      { type: 'v' },
    ]);
  });

  it('NDJSON: an event a line; of more than 10,000 only what was not accepted is listed', async () => {
    const lines = Array.from({ length: 10_001 }, (_, i) => `${JSON.stringify(event(String(i)))}\n`).join('');
    const { status, body } = await gateway.post(`${lines}7\n`, LINES);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 10_001, rejected: 1, results: [{ index: 10_001, status: 'rejected' }] });
    expect(await gateway.appended()).toHaveLength(10_001);
  });

  it('media types match whatever their case', async () => {
    expect(
      (await gateway.post(event('1'), { 'content-type': 'Application/CloudEvents+JSON; charset="UTF-8"' })).status,
    ).toBe(202);
  });
});

describe('a request sent again', () => {
  beforeEach(async () => {
    gateway = await startGateway(redis.url);
  });

  it('is a duplicate by source and id, whatever its form', async () => {
    const { body } = await gateway.post(event('1'), CLOUDEVENT);
    const again = await gateway.post(`${JSON.stringify(event('1'))}\n`, LINES);
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(again.body.results[0].streamId).toBe(body.results[0].streamId);
    expect((await gateway.post(event('1', { source: '/other' }), CLOUDEVENT)).body.accepted).toBe(1);
  });

  it('is a duplicate by its idempotency key', async () => {
    const headers = { 'idempotency-key': '"order-7"' };
    const first = await gateway.post({ type: 't' }, headers);
    const again = await gateway.post({ type: 't' }, { 'idempotency-key': 'order-7' });
    expect(again.body).toMatchObject({ duplicates: 1, results: [{ id: first.body.results[0].id }] });
    const batch = await gateway.post([{ type: 'a' }, { type: 'b' }], { 'idempotency-key': 'batch' });
    expect(batch.body.results.map(({ id }: { id: string }) => id)).toEqual(['batch/0', 'batch/1']);
    expect((await gateway.post([{ type: 'a' }, { type: 'b' }], { 'idempotency-key': 'batch' })).body.duplicates).toBe(
      2,
    );
    expect(await gateway.appended()).toHaveLength(3);
  });

  it('shares nothing with the idempotency keys of other clients', async () => {
    await gateway.close();
    const other = 'another-key-of-sixteen';
    gateway = await startGateway(redis.url, { API_KEYS: [KEY, other] });
    const send = (key: string) => gateway.post({ type: 't', id: key }, { 'idempotency-key': 'same', 'x-api-key': key });
    expect((await send(KEY)).body.accepted).toBe(1);
    expect((await send(other)).body.accepted).toBe(1);
    expect((await send(other)).body.duplicates).toBe(1);
  });
});

it('hundreds of requests at once are all appended, each once', async () => {
  gateway = await startGateway(redis.url);
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, i) => gateway.post(event(String(i % 300)), CLOUDEVENT)),
  );
  expect(answers.every(({ status }) => status === 202)).toBe(true);
  const accepted = answers.filter(({ body }) => body.accepted === 1);
  expect(accepted).toHaveLength(300);
  expect(await gateway.appended()).toHaveLength(300);
});

describe('API keys', () => {
  beforeEach(async () => {
    gateway = await startGateway(redis.url, { API_KEYS: [KEY] });
  });

  it.each([
    ['Authorization', { authorization: `Bearer ${KEY}` }],
    ['X-API-Key', { 'x-api-key': KEY }],
  ])('let in whoever has one, in %s', async (_, headers) => {
    expect((await gateway.post({ type: 't' }, headers)).status).toBe(202);
  });

  it.each([
    {},
    { authorization: 'Bearer wrong-key-of-sixteen' },
    { 'x-api-key': 'x' },
    { authorization: `Basic ${KEY}` },
  ])('keep out %j', async (headers) => {
    for (const path of ['/v1/events', '/api/ingest/events']) {
      const answered = await gateway.post({ type: 't' }, headers as Record<string, string>, path);
      expect(answered.status).toBe(401);
      expect(answered.headers.get('www-authenticate')).toBe('Bearer');
      expect(answered.body.detail).toMatch(/API key/);
    }
    expect((await gateway.get('/api/ingest/summary')).status).toBe(401);
    expect(await gateway.appended()).toEqual([]);
  });

  it('are not asked for by probes', async () => {
    expect((await gateway.get('/health/live')).status).toBe(200);
    expect((await gateway.get('/metrics')).status).toBe(200);
  });
});

describe('backpressure', () => {
  const settleAll = async (): Promise<void> => {
    const consumer = gateway.transport.consumer({ group: 'router', streams: () => ['in'], partition: 0 });
    for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
      await batch.settle(() => ({ kind: 'ack' }));
      if ((await gateway.transport.streams.backlog({ name: 'in', partition: 0 }, 'router')) === 0) return;
    }
  };

  it('refuses before anything is appended, and takes events again once the router caught up', async () => {
    gateway = await startGateway(redis.url, { BACKPRESSURE_MAX_LAG: 5 });
    expect(
      (
        await gateway.post(
          Array.from({ length: 5 }, (_, i) => event(String(i))),
          BATCH,
        )
      ).status,
    ).toBe(202);
    const refused = await waitFor(
      async () => {
        const answered = await gateway.post(event('too much'), CLOUDEVENT);
        return answered.status === 429 && answered;
      },
      { what: 'a 429' },
    );
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.body).toMatchObject({ retryable: true, detail: expect.stringMatching(/behind.*limit is 5/) });
    const before = (await gateway.appended()).length;
    await gateway.post(event('still too much'), CLOUDEVENT);
    expect(await gateway.appended()).toHaveLength(before);
    await settleAll();
    await waitFor(async () => (await gateway.post(event('again'), CLOUDEVENT)).status === 202, { what: 'a 202' });
  });

  it('in the middle of a long request rejects the rest, to be sent again', async () => {
    gateway = await startGateway(redis.url, { BACKPRESSURE_MAX_LAG: 2000 });
    const line = (i: number) => `${JSON.stringify(event(String(i), { data: 'x'.repeat(500) }))}\n`;
    const { status, body } = await gateway.post(Array.from({ length: 10_000 }, (_, i) => line(i)).join(''), LINES);
    expect(status).toBe(202);
    expect(body.accepted).toBeGreaterThan(0);
    expect(body.rejected).toBeGreaterThan(0);
    expect(body.accepted + body.rejected).toBe(10_000);
    expect(body.results.at(-1)).toMatchObject({ status: 'rejected', error: { status: 429, retryable: true } });
    expect(await gateway.appended()).toHaveLength(body.accepted);
  });
});

it('a Redis that is away is a 503; the gateway lives, says so, and goes on', async () => {
  const own = await startRedis();
  gateway = await startGateway(own.url);
  try {
    await waitFor(async () => (await gateway.get('/health/ready')).status === 200, { what: 'ready' });
    await own.kill();
    const answered = await gateway.post(event('1'), CLOUDEVENT);
    expect(answered.status).toBe(503);
    expect(answered.headers.get('retry-after')).toMatch(/^\d+$/);
    await waitFor(async () => (await gateway.get('/health/ready')).status === 503, { what: 'not ready' });
    expect((await gateway.get('/health/live')).status).toBe(200);
    expect((await gateway.post({ source: 's', metric: 'm', value: 1 }, {}, '/api/ingest/events')).status).toBe(503);
    await own.restart();
    await waitFor(async () => (await gateway.post(event('2'), CLOUDEVENT)).status === 202, { what: 'a 202' });
    await waitFor(async () => (await gateway.get('/health/ready')).status === 200, { what: 'ready' });
  } finally {
    await own.stop();
  }
});

it('tells what it counted, and what its API is', async () => {
  gateway = await startGateway(redis.url);
  await gateway.post([event('1'), event('1'), 7], BATCH);
  const { body } = await gateway.get('/metrics');
  expect(body).toContain('millrace_events_total{result="accepted"} 1');
  expect(body).toContain('millrace_events_total{result="duplicate"} 1');
  expect(body).toContain('millrace_events_total{result="rejected"} 1');
  expect(body).toContain('millrace_requests_total{status="202"} 1');
  const docs = await gateway.get('/docs-json');
  expect(docs.body.openapi).toMatch(/^3\.1/);
  expect(Object.keys(docs.body.paths)).toEqual([
    '/v1/events',
    '/api/ingest/events',
    '/api/ingest/workers/process',
    '/api/ingest/summary',
    '/api/ingest/events/recent',
  ]);
  expect((await gateway.get('/nowhere')).body).toMatchObject({ status: 404, type: 'urn:millrace:problem:not-found' });
});
