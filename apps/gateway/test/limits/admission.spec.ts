import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Principal } from '@millrace/api-keys';
import { fuzzRuns, itOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { Bodies } from '../../src/admission/bodies.js';
import type { GatewayConfig } from '../../src/gateway-config.js';
import { startGateway, type TestGateway } from '../gateway.js';
import { Raw } from './raw.js';

const KEY = 'a-key-of-the-test-0001';
const OTHER_KEY = 'a-key-of-the-test-0002';

let redis: RedisServer;
let gateway: TestGateway;
const raws: Raw[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  for (const raw of raws.splice(0)) raw.close();
  await gateway.close();
});

const start = async (config: Partial<GatewayConfig> = {}): Promise<void> => {
  gateway = await startGateway(redis.url, config);
};

const open = async (...headers: string[]): Promise<Raw> => {
  const raw = await Raw.to(gateway.url);
  raws.push(raw);
  const all = ['POST /v1/events HTTP/1.1', 'content-type: application/json', ...headers];
  raw.say(`${all.join('\r\n')}\r\n\r\n`);
  return raw;
};

const answered = (raw: Raw, ...statuses: number[]): Promise<boolean> =>
  waitFor(() => raw.statuses.join() === statuses.join(), { what: `the answers ${statuses}, not ${raw.said}` });

const BODY = JSON.stringify({ type: 't', data: {} });
const LENGTH = `content-length: ${BODY.length}`;

// Protected by `decideByHead`: without it a body is waited for, and held, before anybody asks whose it is.
describe('a request', () => {
  it('without a key is refused before its body comes', async () => {
    await start({ API_KEYS: [KEY] });
    await answered(await open('host: x', 'content-length: 5000000'), 401);
    await answered(await open('host: x', 'transfer-encoding: chunked'), 401);
    await answered(await open('host: x', LENGTH, `x-api-key: ${KEY}x`), 401);
  });

  it('that asks whether to go on is told to only when it is let in', async () => {
    await start({ API_KEYS: [KEY] });
    const refused = await open('host: x', LENGTH, 'expect: 100-continue');
    await answered(refused, 401);
    await waitFor(() => refused.isOver, { what: 'the connection to end' });
    const taken = await open('host: x', LENGTH, 'expect: 100-continue', `x-api-key: ${KEY}`);
    await answered(taken, 100);
    taken.say(BODY);
    await answered(taken, 100, 202);
    const listed = await open('host: x', LENGTH, 'expect: 100-continue, other', `x-api-key: ${KEY}`);
    await answered(listed, 100);
  });

  it('of HTTP/1.0 is told nothing but its answer', async () => {
    await start();
    const raw = await Raw.to(gateway.url);
    raws.push(raw);
    const head = ['POST /v1/events HTTP/1.0', 'content-type: application/json', LENGTH, 'expect: 100-continue'];
    raw.say(`${head.join('\r\n')}\r\n\r\n${BODY}`);
    await answered(raw, 202);
  });

  it('with two hosts is refused', async () => {
    await start();
    await answered(await open('host: x', 'host: y', LENGTH), 400);
  });
});

describe('where no key is asked for', () => {
  it.each([
    ['a page elsewhere', ['host: 127.0.0.1', 'origin: http://elsewhere.example'], 403],
    ['a page of no origin', ['host: 127.0.0.1', 'origin: null'], 403],
    ['a page that a browser says is elsewhere', ['host: 127.0.0.1', 'sec-fetch-site: cross-site'], 403],
    ['a name that somebody pointed here', ['host: rebound.example', 'origin: http://rebound.example'], 403],
    ['a page of a host that is allowed', ['host: 127.0.0.1', 'origin: https://shop.example'], 202],
    ['its own page', ['host: 127.0.0.1:8080', 'origin: http://127.0.0.1:8080', 'sec-fetch-site: same-origin'], 202],
    ['a program, by any name', ['host: gateway.events.svc.cluster.local'], 202],
  ])('%s: %j gets a %i', async (_, headers, status) => {
    await start({ ALLOWED_HOSTS: ['shop.example'] });
    const raw = await open(...headers, LENGTH);
    raw.say(BODY);
    await answered(raw, status);
  });

  it('a page elsewhere may send with a key', async () => {
    await start({ API_KEYS: [KEY] });
    const raw = await open('host: a.example', 'origin: http://elsewhere.example', `x-api-key: ${KEY}`, LENGTH);
    raw.say(BODY);
    await answered(raw, 202);
  });
});

it('a connection that asks for more than twenty answers before it takes one is ended', async () => {
  await start();
  const ask = async (times: number): Promise<Raw> => {
    const raw = await Raw.to(gateway.url);
    raws.push(raw);
    raw.say('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(times));
    return raw;
  };
  await answered(await ask(20), ...Array<number>(20).fill(200));
  const many = await ask(21);
  await waitFor(() => many.isOver, { what: 'the connection to end' });
});

describe('bodies that are under way', () => {
  const limits = { BODY_MAX_BYTES: 60_000, EVENT_MAX_BYTES: 60_000, BODIES_MAX_BYTES: 130_000 };
  const part = 'x'.repeat(50_000);

  it('are bounded together, and the next is told to come again', async () => {
    await start(limits);
    const both = [await open('host: x', 'content-length: 60000'), await open('host: x', 'content-length: 60000')];
    for (const raw of both) raw.say(part);
    const busy = async () => (await gateway.post({ type: 't', data: part })).status === 503;
    await waitFor(busy, { what: 'no room' });
    const { headers, body } = await gateway.post({ type: 't', data: part });
    expect(headers.get('retry-after')).toBe('1');
    expect(body).toMatchObject({ retryable: true, detail: expect.stringMatching(/130000 \(BODIES_MAX_BYTES\)$/) });
    expect((await gateway.post({ type: 't' })).status).toBe(202);
    both[0]?.close();
    const well = async () => (await gateway.post({ type: 't', data: part })).status === 202;
    await waitFor(well, { what: 'room again' });
  });

  it('of one key leave room for those of others', async () => {
    await start({ ...limits, API_KEYS: [KEY, OTHER_KEY] });
    const raw = await open('host: x', 'content-length: 60000', `x-api-key: ${KEY}`);
    raw.say(part);
    const send = async (key: string) => (await gateway.post({ type: 't', data: part }, { 'x-api-key': key })).status;
    await waitFor(async () => (await send(KEY)) === 503, { what: 'no room for the key' });
    expect(await send(OTHER_KEY)).toBe(202);
  });

  // Node does not say that an answer is closed which waits for the one before it.
  itOnRealRedis('that came behind a request without an answer are let go with their connection', async () => {
    await start(limits);
    await gateway.transport.connections.connect('test').call('CLIENT', 'PAUSE', 1000, 'ALL');
    const raw = await open('host: x', LENGTH);
    raw.say(BODY);
    const head =
      'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n';
    for (let n = 0; n < 2; n += 1) raw.say(head + 'x'.repeat(60_000));
    const busy = await open('host: x', 'content-length: 50000');
    busy.say(part);
    await answered(busy, 503);
    raw.close();
    const well = async () => (await gateway.post({ type: 't', data: part })).status === 202;
    await waitFor(well, { what: 'room again' });
  });

  it('of streams count by the line that is held of each, and not before it comes', async () => {
    await start(limits);
    const stream = async (text: string): Promise<Raw> => {
      const raw = await Raw.to(gateway.url);
      raws.push(raw);
      const head =
        'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked';
      raw.say(`${head}\r\n\r\n${text}`);
      return raw;
    };
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    for (let n = 0; n < 40; n += 1) await stream('');
    expect((await gateway.post({ type: 't', data: part })).status).toBe(202);
    for (let n = 0; n < 2; n += 1) await stream(chunk(part));
    // A probe would take the room that is meant for them: what was said before other requests was read before these are answered.
    for (let n = 0; n < 20; n += 1) await gateway.get('/health/live');
    expect((await gateway.post({ type: 't', data: part })).status).toBe(503);
    for (let n = 0; n < 20; n += 1) await gateway.get('/health/live');
    const late = await stream(chunk(`${BODY}\n${part}`));
    late.say(`${chunk(`${part}\n${BODY}\n`)}0\r\n\r\n`);
    await answered(late, 202);
    await waitFor(() => late.said.includes('"refused"') || late.said.includes('"rejected":'), {
      what: 'the whole answer',
    });
    // The first was taken; what came when there was no room is told to come again.
    expect(late.said).toMatch(/"accepted":1,"duplicates":0,"rejected":2/);
    expect(late.said).toMatch(/BODIES_MAX_BYTES/);
    expect(late.said).toMatch(/"retryable":true/);
  });

  it('are counted right whatever comes in which order', () => {
    const step = fc.record({ who: fc.nat(2), request: fc.nat(5), bytes: fc.option(fc.nat(60)) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const bodies = new Bodies(100, 40);
        const holders = ['a', 'b', ''].map((id) => new Principal(id, id, { scopes: [] }));
        const held = new Map<string, number>();
        const requests = new Map<string, { answer: EventEmitter; body: ReturnType<Bodies['of']> }>();
        for (const { who, request, bytes } of steps) {
          const name = `${who}/${request}`;
          const answer = Object.assign(new EventEmitter(), { req: { socket: new Socket() } });
          const one = requests.get(name) ?? {
            answer,
            body: bodies.of(holders[who] as Principal, answer as unknown as ServerResponse),
          };
          requests.set(name, one);
          if (bytes === null) {
            one.answer.emit('close');
            requests.delete(name);
            held.delete(name);
            continue;
          }
          const before = held.get(name) ?? 0;
          const of = (prefix: string) =>
            [...held].reduce((sum, [key, n]) => sum + (key.startsWith(prefix) ? n : 0), bytes - before);
          const fits = bytes <= before || (of('') <= 100 && of(`${who}/`) <= (who === 2 ? 100 : 50));
          let refused = false;
          try {
            one.body.hold(bytes);
            held.set(name, bytes);
          } catch {
            refused = true;
          }
          expect(refused).toBe(!fits);
        }
      }),
      { numRuns: fuzzRuns(200) },
    );
  });
});
