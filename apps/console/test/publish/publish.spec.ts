import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { problem } from '@millrace/host';
import { freePort, type RedisServer, startRedis } from '@millrace/testkit';
import { KEY, RunningConsole } from '../running-console.js';

const LATER = problem('rate-limited', 429, 'later');

let redis: RedisServer;
let running: RunningConsole;
let gateway: Server;
const received: { url: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  redis = await startRedis();
  gateway = createServer(async (request, response) => {
    received.push({ url: request.url, headers: request.headers, body: await text(request) });
    response.writeHead(429, {
      'content-type': 'application/problem+json',
      'retry-after': '7',
      'x-internal': 'no',
      ratelimit: '"events";r=0;t=7',
      'ratelimit-policy': '"events";q=1;w=7',
      'www-authenticate': 'Bearer',
    });
    response.end(JSON.stringify(LATER));
  });
  await new Promise<void>((resolve) => void gateway.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await redis.stop();
  await new Promise((resolve) => gateway.close(resolve));
});
afterEach(() => running.close());

it('hands events to the gateway as they are, and gives its answer', async () => {
  const { port } = gateway.address() as AddressInfo;
  running = await RunningConsole.start(redis.url, { API_KEYS: [KEY], GATEWAY_URL: `http://127.0.0.1:${port}/` });
  const body = '{"type":"a","data":1e400}\n{"type":"b","type":"b"}\n'.repeat(30_000);
  const headers = {
    'x-api-key': KEY,
    'content-type': 'application/x-ndjson',
    'idempotency-key': 'k',
    'ce-type': 't',
    cookie: 'no',
  };
  const answer = await fetch(`${running.url}/api/events`, { method: 'POST', headers, body });
  expect(answer.status).toBe(429);
  expect(answer.headers.get('retry-after')).toBe('7');
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('ratelimit')).toBe('"events";r=0;t=7');
  expect(answer.headers.get('ratelimit-policy')).toBe('"events";q=1;w=7');
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  expect(answer.headers.has('x-internal')).toBe(false);
  expect(await answer.json()).toEqual(LATER);
  const [got] = received;
  expect(got).toMatchObject({
    url: '/v1/events',
    headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'k', 'ce-type': 't', 'x-api-key': KEY },
  });
  expect(got?.headers.cookie).toBeUndefined();
  expect(got?.body).toBe(body);
});

it('says that the gateway does not answer', async () => {
  const port = await freePort();
  running = await RunningConsole.start(redis.url, { GATEWAY_URL: `http://127.0.0.1:${port}` });
  expect(await running.ask('POST', '/api/events', { type: 'a' })).toMatchObject({
    status: 503,
    body: { detail: `The gateway at http://127.0.0.1:${port} is unreachable (ECONNREFUSED); check GATEWAY_URL` },
  });
});
