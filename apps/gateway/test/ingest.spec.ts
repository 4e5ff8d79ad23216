import { type RedisServer, startRedis } from '@millrace/testkit';
import { startGateway, type TestGateway } from './gateway.js';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const at = (ms: number): string => new Date(NOON + ms).toISOString();

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  gateway = await startGateway(redis.url);
});
afterEach(() => gateway.close());

const ingest = (body: unknown) => gateway.post(body, {}, '/api/ingest/events');
const process = (count = 100, consumer = 'worker-1') =>
  gateway.post({ consumer, count }, {}, '/api/ingest/workers/process');
const summary = async () => (await gateway.get('/api/ingest/summary')).body;
const streamKey = async (): Promise<string> => {
  const keys = await gateway.transport.connections.connect('test').keys(`${gateway.transport.keys.prefix}telemetry`);
  return keys[0] as string;
};

describe('the measurements API', () => {
  it('takes no body that is longer than a reading may be', async () => {
    const { status, body } = await gateway.post('['.repeat(100_000), {}, '/api/ingest/events');
    expect([status, body.type]).toEqual([413, 'urn:millrace:problem:too-large']);
  });

  it('appends, processes, and tells what came of it', async () => {
    const first = await ingest({ source: 'sensor-1', metric: 'temperature', value: 20, occurredAt: at(0) });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      id: expect.stringMatching(/^\d+-\d+$/),
      value: { source: 'sensor-1', metric: 'temperature', value: 20, occurredAt: at(0) },
    });
    await ingest({ source: 'sensor-1', metric: 'temperature', value: 24, occurredAt: at(30_000) });
    expect(await summary()).toEqual({ queue: { total: 2, pending: 0, dead_lettered: 0 }, metrics: [] });
    const done = await process();
    expect(done.status).toBe(200);
    expect(done.body).toEqual({ read: 2, processed: 2, dead_lettered: 0, acked: 2 });
    expect((await summary()).metrics).toEqual([
      { metric: 'temperature', raw: { timestampMs: NOON + 30_000, value: 24 }, rollup: null },
    ]);
    await ingest({ source: 'sensor-1', metric: 'temperature', value: 30, occurredAt: at(60_000) });
    await process();
    expect((await summary()).metrics).toEqual([
      {
        metric: 'temperature',
        raw: { timestampMs: NOON + 60_000, value: 30 },
        rollup: { timestampMs: NOON, value: 22 },
      },
    ]);
    expect((await process()).body).toEqual({ read: 0, processed: 0, dead_lettered: 0, acked: 0 });
  });

  it('is not there unless it is asked for', async () => {
    await gateway.close();
    gateway = await startGateway(redis.url, { INGEST_API: 'off' });
    expect((await ingest({ source: 's', metric: 'm', value: 1 })).status).toBe(404);
    expect((await gateway.get('/api/ingest/summary')).status).toBe(404);
    const { body } = await gateway.get('/docs-json');
    expect(Object.keys(body.paths)).toEqual(['/v1/events']);
  });

  it('takes no more than may wait for a worker, and keeps about as much', async () => {
    await gateway.close();
    gateway = await startGateway(redis.url, { INGEST_MAX_LENGTH: 100 });
    const send = (value: number) => ingest({ source: 's', metric: 'm', value, occurredAt: at(value) });
    for (let value = 0; value < 100; value += 1) expect((await send(value)).status).toBe(200);
    const refused = await send(100);
    expect(refused).toMatchObject({ status: 429, body: { retryable: true } });
    expect(refused.headers.get('retry-after')).toBe('2');
    for (let round = 0; round < 5; round += 1) {
      expect((await process(100)).body.processed).toBe(100);
      for (let value = 0; value < 100; value += 1) expect((await send(value)).status).toBe(200);
    }
    // Redis trims by whole nodes, of a hundred entries.
    expect((await summary()).queue.total).toBeLessThanOrEqual(200);
  });

  it('shows the newest entries first', async () => {
    for (const value of [1, 2, 3]) await ingest({ source: 's', metric: 'm', value, occurredAt: at(value) });
    const { body } = await gateway.get('/api/ingest/events/recent?limit=2');
    expect(body).toEqual([
      { id: expect.any(String), value: { source: 's', metric: 'm', value: 3, occurredAt: at(3) } },
      { id: expect.any(String), value: { source: 's', metric: 'm', value: 2, occurredAt: at(2) } },
    ]);
  });

  it('dead-letters what is no reading, with why and what it was', async () => {
    await ingest({ source: 's', metric: 'm', value: 1 });
    const redisClient = gateway.transport.connections.connect('test');
    const id = await redisClient.xadd(await streamKey(), '*', 'source', 's', 'metric', 'm', 'value', 'warm');
    expect((await process()).body).toEqual({ read: 2, processed: 1, dead_lettered: 1, acked: 2 });
    const [[, fields]] = (await redisClient.xrange(`${gateway.transport.keys.prefix}dead`, '-', '+')) as [
      [string, string[]],
    ];
    expect(fields).toEqual([
      'messageId',
      id,
      'reason',
      expect.stringMatching(/^value must be a number, got null/),
      'payload',
      expect.any(String),
    ]);
    expect((await summary()).queue).toEqual({ total: 2, pending: 0, dead_lettered: 1 });
  });

  it('goes on with what a worker left unacknowledged', async () => {
    await ingest({ source: 's', metric: 'm', value: 1 });
    await summary();
    const key = await streamKey();
    const client = gateway.transport.connections.connect('test');
    await client.call('XREADGROUP', 'GROUP', 'telemetry-workers', 'worker-1', 'STREAMS', key, '>');
    expect((await summary()).queue.pending).toBe(1);
    expect((await process(10, 'worker-1')).body).toMatchObject({ read: 1, acked: 1 });
    expect((await summary()).queue.pending).toBe(0);
  });

  it.each([
    [{ metric: 'm', value: 1 }, 'source must be a string of 1 to 256 characters, got nothing'],
    [{ source: 's', metric: '', value: 1 }, 'metric must be a string of 1 to 256 characters, got ""'],
    [{ source: 's', metric: 'm', value: '1' }, 'value must be a number, got "1"'],
    [{ source: 's', metric: 'm', value: 1, occurredAt: 'noon' }, 'occurredAt must be an RFC 3339 time, got "noon"'],
    [[], 'The body must be an object with source, metric, value and optionally occurredAt, got an array'],
    ['{', 'The body is not valid JSON; it must be a JSON object'],
  ])('refuses %j', async (body, detail) => {
    const answered = await ingest(body);
    expect(answered.status).toBe(400);
    expect(answered.body.detail).toBe(detail);
  });

  it.each([
    [{ count: 1 }, /^consumer must be .*, got nothing/],
    [{ consumer: 'a b', count: 1 }, /^consumer must be .*, got "a b"/],
    [{ consumer: 'a' }, /^count must be a whole number from 1 to 1000, got nothing/],
    [{ consumer: 'a', count: 0 }, /^count must be .*, got 0/],
    [{ consumer: 'a', count: 1.5 }, /^count must be .*, got 1.5/],
    ['null', /^consumer must be .*, got nothing/],
  ])('lets nobody work with %j', async (body, detail) => {
    const answered = await gateway.post(body, {}, '/api/ingest/workers/process');
    expect(answered.status).toBe(400);
    expect(answered.body.detail).toMatch(detail);
  });

  it('refuses a limit that is none', async () => {
    expect((await gateway.get('/api/ingest/events/recent?limit=many')).body).toMatchObject({ status: 400 });
  });
});
