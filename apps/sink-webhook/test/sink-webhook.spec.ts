import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttemptLog, EndpointStates, retryNow } from '@millrace/endpoints';
import { RedisTransport } from '@millrace/streams/redis';
import {
  freePort,
  type Receiver,
  type ReceiverOptions,
  type RedisServer,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { HTTP, type Message } from 'cloudevents';
import { spawnWebhooks, startWebhooks, type WebhookProcess } from './webhook-process.js';

const SECRET = `whsec_${randomBytes(24).toString('base64')}`;

let redis: RedisServer;
let folder: string;
let transport: RedisTransport;
let prefix = '';
let prefixes = 0;
const receivers: Receiver[] = [];
const processes: WebhookProcess[] = [];

beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'millrace-webhook-'));
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  prefix = `test${prefixes++}:`;
  transport = new RedisTransport({ url: redis.url, keyPrefix: prefix });
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.stop()));
  await Promise.all(receivers.splice(0).map((one) => one.stop()));
  await transport.close();
});

const receiver = async (options: Partial<ReceiverOptions> = {}): Promise<Receiver> => {
  const started = await startReceiver({ secret: SECRET, ...options });
  receivers.push(started);
  return started;
};

const environment = (env: Record<string, string>) => ({
  REDIS_URL: redis.url,
  KEY_PREFIX: prefix,
  TOPICS: 'orders,users',
  RETRY_SCHEDULE: '0.05',
  ...env,
});

const sink = async (env: Record<string, string>): Promise<WebhookProcess> => {
  const started = await startWebhooks(environment(env));
  processes.push(started);
  return started;
};

/** An endpoint as JSON, which is YAML too. */
const endpoint = (name: string, url: string, more: object = {}) => ({ name, url, secret: SECRET, ...more });

const file = async (...endpoints: object[]): Promise<string> => {
  const path = join(folder, `${prefix.slice(0, -1)}.yaml`);
  await writeFile(path, JSON.stringify({ endpoints }));
  return path;
};

const jsonOf = (id: string) =>
  `{"specversion":"1.0","id":"${id}","source":"/test","type":"demo",  "data":{"text":"é 漢字 😀"}}`;

const publish = async (topic: string, ...ids: string[]): Promise<void> => {
  const events = ids.map((id) => ({ type: 'demo', json: jsonOf(id) }));
  await transport.producer.append({ name: `topic:${topic}`, partition: 0 }, events);
};

const numbered = (n: number): string[] => Array.from({ length: n }, (_, i) => `e${i}`);

const stored = (name: string) => transport.reader.range({ name, partition: 0 }, '-', '+', 100);

const logged = (one: WebhookProcess, text: string) =>
  waitFor(() => one.lines.find((line) => line.includes(text)), { what: `the log to say "${text}"` });

describe('sink-webhook', () => {
  it('delivers an event as it is stored, signed, from WEBHOOK_URL alone', async () => {
    const there = await receiver();
    await sink({ WEBHOOK_URL: there.url, WEBHOOK_SECRET: SECRET });
    await publish('orders', 'a');
    await waitFor(() => there.received > 0, { what: 'the webhook' });
    const [request] = there.recent;
    expect(request?.verified).toBe(true);
    expect(request?.body).toBe(jsonOf('a'));
    expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  });

  it('delivers every event of a burst once, and leaves nothing in the streams of its own', async () => {
    const there = await receiver();
    const it = await sink({ WEBHOOK_URL: there.url, WEBHOOK_SECRET: SECRET });
    await publish('orders', ...numbered(500));
    await publish('users', ...numbered(1000).slice(500));
    await waitFor(() => there.verified === 1000, { what: '1000 webhooks' });
    await waitFor(async () => (await stored('hook:default')).length === 0, { what: 'the stream to be empty' });
    expect(there.ids.size).toBe(1000);
    expect(there.invalid).toBe(0);
    const delivered = 'millrace_deliveries_total{hop="sink-webhook",topic="hook:default",outcome="delivered"} 1000\n';
    await waitFor(async () => (await it.metrics()).includes(delivered), { what: 'the metrics to count 1000' });
    const metrics = await it.metrics();
    expect(metrics).toContain('millrace_webhook_seconds_count{endpoint="default"} 1000\n');
    expect(metrics).toContain('millrace_delivery_seconds_count{hop="sink-webhook",topic="hook:default"} 1000\n');
    expect(metrics).toContain('millrace_webhook_breaker_open{endpoint="default"} 0\n');
  });

  it('sends each endpoint its topics', async () => {
    const orders = await receiver();
    const all = await receiver();
    const path = await file(
      endpoint('orders', orders.url, { topics: ['orders'] }),
      endpoint('all', all.url, { topics: ['*'] }),
    );
    await sink({ ENDPOINTS_FILE: path });
    await publish('users', 'u');
    await publish('orders', 'o');
    await waitFor(() => all.verified === 2 && orders.verified === 1, { what: 'three webhooks' });
    expect(orders.recent.map(({ body }) => body)).toEqual([jsonOf('o')]);
  });

  it('lets an endpoint that fails or hangs hold up no other', async () => {
    const failing = await receiver({ respond: () => ({ status: 500 }) });
    const hanging = await receiver({ respond: () => ({ status: 204, delayMs: 60_000 }) });
    const well = await receiver();
    const path = await file(
      endpoint('failing', failing.url),
      endpoint('hanging', hanging.url, { timeout: '30s' }),
      endpoint('well', well.url),
    );
    const it = await sink({
      ENDPOINTS_FILE: path,
      RETRY_SCHEDULE: '60',
      SHUTDOWN_TIMEOUT: '500ms',
      BREAKER_AFTER: '1000',
    });
    await publish('orders', ...numbered(100));
    await waitFor(() => well.verified === 100, { what: 'the endpoint that is well' });
    await waitFor(() => failing.received === 100, { what: 'the endpoint that fails' });
    expect((await it.health()).dependencies).toMatchObject({
      'endpoint failing': expect.stringMatching(/^failing: POST .* responded 500$/),
      'endpoint well': 'up',
    });
    expect(hanging.received).toBeLessThanOrEqual(16);
    expect(hanging.received).toBeGreaterThan(0);
  });

  it('leaves an endpoint alone that fails again and again; nothing is counted meanwhile', async () => {
    const failing = await receiver({ respond: () => ({ status: 500 }) });
    const it = await sink({ ENDPOINTS_FILE: await file(endpoint('a', failing.url)), RETRY_SCHEDULE: '60' });
    await publish('orders', ...numbered(200));
    const states = new EndpointStates(transport);
    await waitFor(async () => (await states.of('a')).openUntil !== undefined, { what: 'the breaker to open' });
    expect(await states.of('a')).toMatchObject({
      failingSince: expect.any(Number),
      failure: expect.stringMatching(/500/),
    });
    // Ten in a row, and what was under way.
    expect(failing.received).toBeLessThanOrEqual(10 + 16);
    const away = async () =>
      /away: its retries are paused after repeated failures/.test((await it.health()).dependencies['endpoint a'] ?? '');
    await waitFor(away, { what: 'its health to say so' });
    expect(await it.metrics()).toContain('millrace_webhook_breaker_open{endpoint="a"} 1\n');
    expect(await stored('dead:hook.a')).toEqual([]);
    const attempts = await waitFor(
      async () => {
        const { attempts: all } = await new AttemptLog(transport).newest('a', 100);
        return all.length >= 10 && all;
      },
      { what: 'the attempts' },
    );
    expect(
      attempts.every(({ status, attempt, failure }) => status === 500 && attempt === 1 && failure !== undefined),
    ).toBe(true);
  });

  it('switches an endpoint off that answers 410, says so in an event, and goes on where it is switched on', async () => {
    let gone = true;
    const there = await receiver({ respond: () => ({ status: gone ? 410 : 204 }) });
    await sink({ ENDPOINTS_FILE: await file(endpoint('a', there.url)), CONCURRENCY: '1' });
    await publish('orders', 'first', 'second');
    const states = new EndpointStates(transport);
    await waitFor(async () => (await states.of('a')).offAt !== undefined, { what: 'it to be switched off' });
    expect((await states.of('a')).offReason).toMatch(/responded 410/);
    const [notice] = await waitFor(
      async () => {
        const events = await stored('in');
        return events.length > 0 && events;
      },
      { what: 'the event' },
    );
    expect(JSON.parse(notice?.event.json as string)).toMatchObject({
      type: 'millrace.endpoint.off',
      subject: 'a',
      data: { endpoint: 'a', reason: expect.stringMatching(/410/) },
    });
    expect(there.received).toBe(1);
    const dead = async () => (await stored('dead:hook.a')).map(({ event: { json } }) => json);
    await waitFor(async () => (await dead()).length > 0, { what: 'the dead letter' });
    expect(await dead()).toEqual([jsonOf('first')]);
    gone = false;
    await retryNow(transport, 'a', Date.now());
    await waitFor(() => there.verified >= 2, { what: 'what waited' });
    expect(there.recent.map(({ body }) => body)).toContain(jsonOf('second'));
  });

  it('sends what it was asked to: structured, binary or the data alone, as the SDK of CloudEvents reads it', async () => {
    const formats = ['structured', 'binary', 'data'] as const;
    const receivers = await Promise.all(formats.map(() => receiver()));
    const endpoints = formats.map((format, n) => endpoint(format, receivers[n]?.url as string, { format }));
    await sink({ ENDPOINTS_FILE: await file(...endpoints) });
    await publish('orders', 'a');
    await waitFor(() => receivers.every(({ verified }) => verified === 1), { what: 'all three' });
    const [structured, binary, data] = receivers.map(({ recent }) => recent[0]) as { headers: object; body: string }[];
    const expected = { id: 'a', source: '/test', type: 'demo', data: { text: 'é 漢字 😀' } };
    for (const message of [structured, binary]) {
      expect(HTTP.toEvent(message as Message)).toMatchObject(expected);
    }
    expect(JSON.parse(data?.body as string)).toEqual(expected.data);
    expect(data?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(Object.keys(data?.headers as object).filter((name) => name.startsWith('ce-'))).toEqual([]);
  });

  it('sends no faster than an endpoint wants', async () => {
    const at: number[] = [];
    const there = await receiver({ respond: () => ({ status: at.push(performance.now()) > 0 ? 204 : 500 }) });
    await sink({ ENDPOINTS_FILE: await file(endpoint('a', there.url, { rate: 10 })) });
    await publish('orders', ...numbered(6));
    await waitFor(() => at.length === 6, { what: 'all six' });
    // Five intervals of 100 ms; the last ones may be a little early where the first was late.
    expect((at[5] as number) - (at[0] as number)).toBeGreaterThan(400);
  });

  it('retries a failure with the same webhook-id', async () => {
    let first = true;
    const there = await receiver({
      respond: () => {
        const status = first ? 500 : 204;
        first = false;
        return { status };
      },
    });
    await sink({ WEBHOOK_URL: there.url, WEBHOOK_SECRET: SECRET });
    await publish('orders', 'a');
    await waitFor(() => there.received === 2, { what: 'the second attempt' });
    const [id] = there.ids.keys();
    expect([...there.ids]).toEqual([[id, 2]]);
    expect(there.recent.map(({ body }) => body)).toEqual([jsonOf('a'), jsonOf('a')]);
  });

  it('waits as long as a 503 says', async () => {
    const at: number[] = [];
    const there = await receiver({
      respond: () =>
        at.push(performance.now()) === 1 ? { status: 503, headers: { 'retry-after': '1' } } : { status: 204 },
    });
    await sink({ WEBHOOK_URL: there.url, WEBHOOK_SECRET: SECRET, RETRY_SCHEDULE: '3600' });
    await publish('orders', 'a');
    await waitFor(() => at.length === 2, { what: 'the second attempt' });
    expect((at[1] as number) - (at[0] as number)).toBeGreaterThan(900);
  });

  it('dead-letters what is answered with 410, and only for that endpoint', async () => {
    const gone = await receiver({ respond: () => ({ status: 410 }) });
    const well = await receiver();
    const path = await file(endpoint('gone', gone.url), endpoint('well', well.url));
    await sink({ ENDPOINTS_FILE: path });
    await publish('orders', 'a');
    const letters = () => stored('dead:hook.gone');
    await waitFor(async () => (await letters()).length > 0, { what: 'the dead letter' });
    const [dead] = await letters();
    expect(dead?.event.json).toBe(jsonOf('a'));
    expect(dead?.stream).toBe('topic:orders');
    await waitFor(() => well.verified === 1, { what: 'the other endpoint' });
    expect(gone.received).toBe(1);
    expect(await stored('dead:hook.well')).toEqual([]);
  });

  it('loses nothing and counts nothing while a receiver is down, and stays ready', async () => {
    const port = await freePort();
    // One attempt is all there is: a single one that counted would be a dead letter.
    const it = await sink({ WEBHOOK_URL: `http://127.0.0.1:${port}/`, WEBHOOK_SECRET: SECRET, MAX_ATTEMPTS: '1' });
    await publish('orders', ...numbered(50));
    await waitFor(async () => (await it.health()).dependencies['endpoint default']?.includes('ECONNREFUSED'), {
      what: 'the health to show the endpoint',
    });
    expect((await it.health()).status).toBe('ready');
    const there = await receiver({ port });
    await waitFor(() => there.verified === 50, { what: 'all webhooks' });
    expect([...there.ids.values()]).toEqual(Array(50).fill(1));
    expect(await stored('dead:hook.default')).toEqual([]);
    await waitFor(async () => (await it.health()).dependencies['endpoint default'] === 'up', {
      what: 'the endpoint to be up',
    });
  });

  it('disables an endpoint that cannot be reached for too long, with its notice, and serves the others', async () => {
    const well = await receiver();
    const refused = endpoint('refused', `http://127.0.0.1:${await freePort()}/`);
    const unknown = endpoint('unknown', 'http://nowhere.invalid/');
    const noTls = endpoint('tls', well.url.replace('http:', 'https:'));
    const path = await file(refused, unknown, noTls, endpoint('well', well.url));
    await sink({ ENDPOINTS_FILE: path, ENDPOINT_OFF_AFTER: '1s', MAX_ATTEMPTS: '1' });
    await publish('orders', ...numbered(20));
    const states = new EndpointStates(transport);
    for (const name of ['refused', 'unknown', 'tls']) {
      await waitFor(async () => (await states.of(name)).offAt !== undefined, { what: `${name} to be disabled` });
      expect((await states.of(name)).offReason).toMatch(/^failing since .* cannot connect: /);
    }
    const notices = async () => (await stored('in')).map(({ event }) => JSON.parse(event.json).subject as string);
    await waitFor(async () => (await notices()).length === 3, { what: 'three notices' });
    expect((await notices()).sort()).toEqual(['refused', 'tls', 'unknown']);
    expect(well.ids.size).toBe(20);
    // What waits for it is there, uncounted, for whoever enables it.
    expect(await stored('dead:hook.refused')).toEqual([]);
    expect((await stored('hook:refused')).length).toBe(20);
  });

  it('tries at once where somebody says so, however long the breaker would rest', async () => {
    let well = false;
    const there = await receiver({
      respond: () => (well ? { status: 204 } : { status: 429, headers: { 'retry-after': '3600' } }),
    });
    await sink({ ENDPOINTS_FILE: await file(endpoint('a', there.url)), BREAKER_AFTER: '1', CONCURRENCY: '1' });
    await publish('orders', 'first');
    const states = new EndpointStates(transport);
    await waitFor(async () => (await states.of('a')).openUntil !== undefined, { what: 'the breaker to open' });
    await publish('orders', 'second');
    await waitFor(async () => (await stored('hook:a')).length > 0, { what: 'the second to wait' });
    well = true;
    await retryNow(transport, 'a', Date.now());
    await waitFor(() => there.ids.size === 2, { what: 'the next attempt' });
    await waitFor(async () => (await states.of('a')).failingSince === undefined, { what: 'its state to be well' });
  });

  it('goes on as soon as an answer to what was sent before tells that the endpoint is well', async () => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const there = await receiver({
      respond: async ({ body }) => {
        if (body.includes('"bad"')) return { status: 500 };
        if (body.includes('"slow"')) await answered;
        return { status: 204 };
      },
    });
    const env = { BREAKER_AFTER: '1', CONCURRENCY: '2', RETRY_SCHEDULE: '600' };
    await sink({ ENDPOINTS_FILE: await file(endpoint('a', there.url)), ...env });
    await publish('orders', 'slow', 'bad', 'next');
    const states = new EndpointStates(transport);
    await waitFor(async () => (await states.of('a')).openUntil !== undefined, { what: 'the breaker to open' });
    answer();
    // The breaker rests for ten seconds.
    await waitFor(() => there.ids.size === 3, { what: 'the event that waited' });
  });

  it('takes up a changed file, and leaves what was in force when the change is bad', async () => {
    const before = await receiver();
    const after = await receiver();
    const path = await file(endpoint('a', before.url));
    const it = await sink({ ENDPOINTS_FILE: path });
    await publish('orders', 'one');
    await waitFor(() => before.verified === 1, { what: 'the first address' });

    await writeFile(path, 'endpoints: [{ name: a, url: "ftp://nowhere" }]');
    await logged(it, 'keeping the last valid endpoints');
    await publish('orders', 'two');
    await waitFor(() => before.verified === 2, { what: 'the first address again' });

    await file(endpoint('a', after.url), endpoint('b', after.url));
    await logged(it, '"endpoint":"b"');
    await publish('orders', 'three');
    await waitFor(() => after.verified === 2, { what: 'the new address' });
    expect(before.verified).toBe(2);
    expect(after.ids.size).toBe(2);
  });

  it('follows the endpoints in Redis; where a name is in the file too, that one wins', async () => {
    const inFile = await receiver();
    const inRedis = await receiver();
    const control = transport.connections.connect('test');
    const put = async (name: string, url: string) => {
      await control.hset(`${prefix}{ctl}:endpoints`, name, JSON.stringify(endpoint(name, url)));
      await control.incr(`${prefix}{ctl}:endpoints:version`);
    };
    const it = await sink({ ENDPOINTS_FILE: await file(endpoint('a', inFile.url)) });
    await put('a', inRedis.url);
    await put('b', inRedis.url);
    await logged(it, 'endpoint \\"a\\" is defined in ENDPOINTS_FILE and in Redis; ENDPOINTS_FILE takes precedence');
    await logged(it, '"endpoint":"b"');
    await publish('orders', 'one');
    await waitFor(() => inFile.verified === 1 && inRedis.verified === 1, { what: 'one webhook each' });

    await control.hset(`${prefix}{ctl}:endpoints`, 'b', '{"url":');
    await control.incr(`${prefix}{ctl}:endpoints:version`);
    await logged(it, 'Redis: endpoint \\"b\\": not JSON');
    await publish('orders', 'two');
    await waitFor(() => inRedis.verified === 2, { what: 'the endpoint as it was' });
  });

  it('acknowledges events when there is no endpoint, and says so once', async () => {
    const it = await sink({});
    await logged(it, 'no endpoints configured');
    await publish('orders', 'a');
    await waitFor(
      async () => (await transport.streams.backlog({ name: 'topic:orders', partition: 0 }, 'sink-webhook')) === 0,
      {
        what: 'the event to be settled',
      },
    );
    expect(it.lines.filter((line) => line.includes('no endpoints configured'))).toHaveLength(1);
  });

  it('hands back at a stop what has no answer in time, uncounted', async () => {
    let hang = true;
    const there = await receiver({ respond: () => ({ status: 204, ...(hang ? { delayMs: 60_000 } : {}) }) });
    const env = { WEBHOOK_URL: there.url, WEBHOOK_SECRET: SECRET, MAX_ATTEMPTS: '1', SHUTDOWN_TIMEOUT: '1s' };
    const first = await sink(env);
    await publish('orders', ...numbered(20));
    await waitFor(() => there.received === 16, { what: 'as many as may be under way' });
    await first.stop();
    expect(first.obituary()).toContain('ended with code 0');
    hang = false;
    await sink(env);
    await waitFor(() => there.ids.size === 20, { what: 'all of them' });
    expect(await stored('dead:hook.default')).toEqual([]);
  });

  it('tells no secret in its log', async () => {
    const there = await receiver();
    const url = there.url.replace('://', '://user:geheim1@');
    const it = await sink({ ENDPOINTS_FILE: await file(endpoint('a', `${url}in?token=geheim2`)), LOG_LEVEL: 'trace' });
    await publish('orders', 'a');
    await waitFor(() => there.verified === 1, { what: 'the webhook' });
    await it.stop();
    expect(there.recent[0]?.path).toBe('/in?token=geheim2');
    expect(it.lines.join('\n')).toContain(`${there.url}…`);
    expect(it.lines.join('\n')).not.toMatch(/geheim|whsec_|漢字/);
  });

  it.each([
    [
      'a file',
      async () => ({ ENDPOINTS_FILE: await file({ name: 'a' }) }),
      /: endpoint "a": url must be http.*, got nothing/,
    ],
    [
      'a file that is not there',
      async () => ({ ENDPOINTS_FILE: '/nowhere.yaml' }),
      /\/nowhere\.yaml: cannot be read: ENOENT$/,
    ],
    [
      'a secret',
      async () => ({ WEBHOOK_URL: 'http://h/', WEBHOOK_SECRET: 'geheim' }),
      /WEBHOOK_SECRET: endpoint "default": secret must be whsec_ .*, got a value that is not shown/,
    ],
  ])('does not start with %s that is wrong: one line, and another code than 0', async (_, env, message) => {
    const it = await spawnWebhooks(environment(await env()));
    await it.gone;
    expect(it.obituary()).toContain('ended with code 78');
    const [said, ...more] = it.lines.filter((line) => !line.startsWith('{'));
    expect(said).toMatch(/^sink-webhook: /);
    expect(said).toMatch(message);
    expect(more).toEqual([]);
  });
});
