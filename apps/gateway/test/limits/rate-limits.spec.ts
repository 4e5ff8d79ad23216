import { KeyStore } from '@millrace/api-keys';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { type Answered, startGateway, type TestGateway } from '../gateway.js';

const KEY = 'a-key-of-sixteen-characters';
const HOUR_MS = 3_600_000;

let redis: RedisServer;
const running: TestGateway[] = [];
let prefixes = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.close()));
});

const start = async (config: Parameters<typeof startGateway>[1]): Promise<TestGateway> => {
  const gateway = await startGateway(redis.url, config);
  running.push(gateway);
  return gateway;
};
const of = (events: number, windowMs = HOUR_MS) => ({ RATE_LIMIT: { events, windowMs } });
const batch = (count: number) => Array.from({ length: count }, (_, i) => ({ type: 't', id: `${prefixes++}/${i}` }));
const as = (key: string) => ({ 'x-api-key': key });

describe('rate limits', () => {
  const LINES = { 'content-type': 'application/x-ndjson', ...as(KEY) };

  it('count bad lines as events, and what comes over them is not decoded', async () => {
    const gateway = await start({ API_KEYS: [KEY], ...of(10) });
    const bad = await gateway.post('7\n'.repeat(6), LINES);
    expect(bad.body).toMatchObject({ status: 422, results: new Array(6).fill({ error: { status: 422 } }) });
    expect((await gateway.post(batch(5), as(KEY))).status).toBe(429);
    const over = await gateway.post('7\n'.repeat(50_000), LINES);
    expect(over.body).toMatchObject({ status: 429, refused: { from: 0, error: { status: 429, retryable: true } } });
    expect(over.body.results.length + over.body.unlisted).toBe(50_000);
    expect(over.headers.get('retry-after')).not.toBeNull();
    // Whoever decoded it would say that it is not JSON.
    for (const { error } of over.body.results) expect(error.status).toBe(429);
    const body = `[${'{"type":"t","type":"u"},'.repeat(20)}{oops}]`;
    expect((await gateway.post(body, as(KEY))).status).toBe(429);
    expect((await gateway.post(batch(4), as(KEY))).status).toBe(202);
  });

  it('count events, and refuse a request as a whole with when to come again', async () => {
    const gateway = await start({ API_KEYS: [KEY], ...of(10) });
    const first = await gateway.post(batch(7), as(KEY));
    expect(first.status).toBe(202);
    expect(first.headers.get('ratelimit-policy')).toBe('"events";q=10;w=3600;qu="events"');
    expect(first.headers.get('ratelimit')).toBe('"events";r=3;t=2520');
    const second = await gateway.post(batch(4), as(KEY));
    expect(second).toMatchObject({
      status: 429,
      body: {
        type: 'urn:millrace:problem:rate-limited',
        title: 'The rate limit of the API key is exceeded',
        detail: 'The rate limit of this API key is 10 events in 3600 s',
        retryable: true,
      },
    });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(300);
    expect(second.headers.get('ratelimit')).toMatch(/^"events";r=3;t=\d+$/);
    expect((await gateway.post(batch(3), as(KEY))).status).toBe(202);
    expect(await gateway.appended()).toHaveLength(10);
    const { body } = await gateway.get('/metrics');
    expect(body).toMatch(/millrace_rate_limited_total\{key="[\w-]{12}"\} 4/);
  });

  it('are one for all gateways', async () => {
    const KEY_PREFIX = `limits${prefixes++}:`;
    const gateways = [
      await start({ API_KEYS: [KEY], KEY_PREFIX, ...of(20) }),
      await start({ API_KEYS: [KEY], KEY_PREFIX, ...of(20) }),
    ];
    const answers: Answered[] = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (gateways[i % 2] as TestGateway).post(batch(1), as(KEY))),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  it('of a key stand before the one of all, and are its own', async () => {
    const gateway = await start({ API_KEYS: [KEY], ...of(1), KEY_PREFIX: `limits${prefixes++}:` });
    const keys = new KeyStore(gateway.transport);
    const { token } = await keys.create('shop', { scopes: ['publish'], rateLimit: '5/h' }, { who: 'a' });
    await gateway.close();
    running.splice(0);
    const again = await start({ API_KEYS: [KEY], ...of(1), KEY_PREFIX: gateway.transport.keys.prefix });
    expect((await again.post(batch(1), as(KEY))).status).toBe(202);
    expect((await again.post(batch(1), as(KEY))).status).toBe(429);
    expect((await again.post(batch(5), as(token))).status).toBe(202);
    expect((await again.post(batch(1), as(token))).status).toBe(429);
  });

  it('let a batch in that is larger than they are when nothing was taken, and are in debt then', async () => {
    const gateway = await start({ API_KEYS: [KEY], ...of(10) });
    expect((await gateway.post(batch(30), as(KEY))).status).toBe(202);
    const { status, headers } = await gateway.post(batch(1), as(KEY));
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(20 * 360 - 60);
  });

  it('count measurements too', async () => {
    const gateway = await start({ API_KEYS: [KEY], ...of(1) });
    const reading = { source: 's', metric: 'm', value: 1 };
    expect((await gateway.post(reading, as(KEY), '/api/ingest/events')).status).toBe(200);
    expect((await gateway.post(reading, as(KEY), '/api/ingest/events')).status).toBe(429);
  });

  it('are one for everybody where no key is asked for', async () => {
    const gateway = await start(of(1));
    expect((await gateway.post(batch(1))).status).toBe(202);
    expect((await gateway.post(batch(1))).status).toBe(429);
  });

  it('are not told of where there is none', async () => {
    const gateway = await start({});
    const { headers } = await gateway.post(batch(1));
    expect(headers.has('ratelimit') || headers.has('ratelimit-policy')).toBe(false);
  });
});
