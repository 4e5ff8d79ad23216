/**
 * How long the views of the console take at the server with a large topic and many dead letters, and what they ask of
 * Redis: each request of the admin API that a view makes, twenty times, with the commands and the bytes of its answer.
 *
 *   npm run bench:console [-- --events 1000000 --letters 10000]
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventDigest } from '@millrace/events';
import { RedisTransport } from '@millrace/streams/redis';
import { freePort, haveRealRedis, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, letters: { type: 'string', default: '10000' } },
});
const EVENTS = Number(values.events);
const LETTERS = Number(values.letters);
const PAGE = 1000;
const TIMES = 20;
const LIMIT_MS = 300;
const PROGRAM = fileURLToPath(new URL('../apps/console/dist/main.js', import.meta.url));
const IN = { name: 'in', partition: 0 };
const TOPIC = { name: 'topic:orders', partition: 0 };
const GROUPS = ['sink-postgres', 'sink-webhook', 'sink-timeseries'];
/** What walks through all there is. */
const FULL_SCANS = /^(keys|scan|sscan|zscan)$/;
const ROUTE = {
  pattern: { type: [{ prefix: 'order.' }], data: { amount: [{ numeric: ['>=', 0] }] } },
  topics: ['orders'],
};

const order = (n) => ({
  type: n % 10 === 0 ? 'order.refunded' : 'order.paid',
  json: JSON.stringify({
    specversion: '1.0',
    id: `e${n}`,
    source: '/shop',
    type: n % 10 === 0 ? 'order.refunded' : 'order.paid',
    subject: `customer-${n % 5000}`,
    time: new Date(1795000000000 + n).toISOString(),
    data: { number: n, amount: n % 700, note: 'x'.repeat(120) },
  }),
});

const pages = function* (count) {
  for (let from = 0; from < count; from += PAGE) {
    yield Array.from({ length: Math.min(PAGE, count - from) }, (_, i) => from + i);
  }
};

/** A topic with its groups, all of it delivered but for the dead letters of one of them. */
const seed = async (transport) => {
  const redis = transport.connections.connect('seed');
  await transport.registry.registerTopics(['orders']);
  await transport.registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
  for (const group of GROUPS) await transport.registry.registerGroup({ group, hop: group, streams: ['topic:*'] });
  for (const numbers of pages(EVENTS)) {
    const events = numbers.map(order);
    const digests = numbers.map((n) => [eventDigest('/shop', `e${n}`)]);
    await Promise.all([transport.producer.append(IN, events, { digests }), transport.producer.append(TOPIC, events)]);
  }
  for (const numbers of pages(LETTERS)) {
    const pipeline = redis.pipeline();
    for (const n of numbers) {
      const { type, json } = order(n);
      const at = String(1795000000000 + n);
      const why = [`Class${n % 7}`, `the target refused it: ${n % 7}`];
      pipeline.xadd(
        transport.keys.stream({ name: 'dead:sink-webhook', partition: 0 }),
        ...['*', 'type', type, 'event', json, 'hop', 'sink-webhook', 'group', 'sink-webhook', 'consumer', 'c'],
        ...['stream', 'topic:orders', 'position', `${n + 1}-0`, 'error', why[0], 'message', why[1], 'attempts', '5'],
        ...[
          'first',
          at,
          'last',
          at,
          'history',
          JSON.stringify([{ at: Number(at), attempt: 5, error: why.join(': ') }]),
        ],
      );
    }
    await pipeline.exec();
  }
  for (const group of ['router', ...GROUPS]) {
    const key = transport.keys.stream(group === 'router' ? IN : TOPIC);
    await redis.xgroup('CREATE', key, group, '$', 'MKSTREAM', 'ENTRIESREAD', EVENTS);
  }
  return redis;
};

const commandCounts = async (redis) => {
  const text = await redis.info('commandstats');
  return new Map([...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name, calls]) => [name, Number(calls)]));
};

/** The requests of each view. */
const viewsOf = (middle) => ({
  overview: ['/api/summary', '/api/topics', '/api/sinks'],
  topic: [
    '/api/topics/orders',
    '/api/topics/orders/events?limit=50',
    `/api/topics/orders/events?limit=50&order=oldest&from=${middle}`,
    '/api/topics/orders/events?type=order.refunded',
    '/api/topics/orders/events?text=nowhere-to-be-found',
    `/api/topics/orders/events/${middle}`,
  ],
  trace: [
    `/api/events/trace?source=/shop&id=e${Math.floor(EVENTS / 2)}`,
    `/api/events/trace?source=/shop&id=e${EVENTS - 1}`,
    '/api/events/trace?source=/shop&id=never-came',
  ],
  // With a body it is a POST: what an edited route would match of the newest 500.
  routes: ['/api/routes', '/api/routes/history', ['/api/routes/orders/shadow', { route: ROUTE, last: 500 }]],
  'dead letters': [
    '/api/dead-letters?limit=50',
    '/api/dead-letters/groups',
    '/api/dead-letters?error=Class3',
    '/api/dead-letters?text=nowhere-to-be-found',
  ],
  replay: ['/api/replays'],
  webhooks: ['/api/webhooks'],
  metrics: ['/api/series', '/api/series/labels'],
  lab: ['/api/lab/orders'],
  audit: ['/api/audit'],
  doctor: ['/api/doctor'],
});

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const send = (url, method, body) =>
  fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const measure = async (url, [path, body], redis) => {
  const before = await commandCounts(redis);
  const times = [];
  let bytes = 0;
  for (let i = 0; i < TIMES; i += 1) {
    const begin = performance.now();
    const answer = body === undefined ? await fetch(url + path) : await send(url + path, 'POST', body);
    bytes = (await answer.arrayBuffer()).byteLength;
    times.push(performance.now() - begin);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }
  const after = await commandCounts(redis);
  const asked = [...after]
    .map(([name, calls]) => [name, (calls - (before.get(name) ?? 0)) / TIMES])
    .filter(([name, calls]) => calls >= 0.5 && name !== 'info');
  times.sort((a, b) => a - b);
  return { median: percentile(times, 0.5), longest: times.at(-1), bytes, asked };
};

const main = async () => {
  if (!haveRealRedis()) throw new Error('this needs a redis-server on the PATH');
  const server = await startRedis();
  const transport = new RedisTransport({ url: server.url });
  const port = await freePort();
  let service;
  try {
    console.log(`${EVENTS.toLocaleString('en')} events and ${LETTERS.toLocaleString('en')} dead letters …`);
    const redis = await seed(transport);
    service = new ServerProcess({
      name: 'console',
      program: process.execPath,
      args: [PROGRAM],
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
      env: { PATH: process.env.PATH, PORT: String(port), REDIS_URL: server.url, LOG_LEVEL: 'error' },
    });
    const url = `http://127.0.0.1:${port}`;
    const isReady = async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true;
    await waitFor(isReady, { what: 'the console to be ready', timeoutMs: 30_000 });
    await send(`${url}/api/routes/orders`, 'PUT', ROUTE);
    const [middle] = (await transport.reader.range(TOPIC, '-', '+', 1)).map(({ position }) => position);
    const [from, to] = (await redis.xrevrange(transport.keys.stream(TOPIC), '+', '-', 'COUNT', 1)).map(([id]) => id);
    const half = Math.floor((Number(middle.split('-')[0]) + Number((to ?? from).split('-')[0])) / 2);
    const [[id]] = await redis.xrange(transport.keys.stream(TOPIC), half, '+', 'COUNT', 1);
    await redis.call('CONFIG', 'SET', 'slowlog-log-slower-than', '10000');
    await redis.call('SLOWLOG', 'RESET');
    const slow = [];
    for (const [view, paths] of Object.entries(viewsOf(id))) {
      console.log(`\n${view}`);
      for (const [path, body] of paths.map((one) => [one].flat())) {
        const { median, longest, bytes, asked } = await measure(url, [path, body], redis);
        const commands = asked.map(([name, calls]) => `${calls.toFixed(0)} ${name}`).join(', ');
        const figures = `${median.toFixed(1).padStart(7)} ms, longest ${longest.toFixed(1).padStart(6)}`;
        const size = `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);
        console.log(`  ${figures}  ${size}  ${path.slice(0, 70)}\n${' '.repeat(43)}${commands}`);
        if (longest > LIMIT_MS) slow.push(`${path} took ${longest.toFixed(0)} ms`);
        for (const [name] of asked) if (FULL_SCANS.test(name)) slow.push(`${path} asks for ${name}`);
      }
    }
    const entries = await redis.call('SLOWLOG', 'GET', 20);
    console.log(`\ncommands that took Redis over 10 ms: ${entries.length}`);
    for (const [, , micros, words] of entries)
      console.log(`  ${micros} µs  ${words.slice(0, 6).join(' ').slice(0, 100)}`);
    console.log(slow.length === 0 ? `every view is below ${LIMIT_MS} ms` : slow.join('\n'));
    process.exitCode = slow.length === 0 ? 0 : 1;
  } finally {
    await service?.stop();
    await transport.close();
    await server.stop();
  }
};

await main();
