import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFile } from '@millrace/definitions';
import { createLogger, Pace, WatchedFile } from '@millrace/host';
import { ROUTES, RouteStore, RouteTable } from '@millrace/routes';
import type { Delivery } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { routeEvent } from '../src/route-event.js';
import { Routes } from '../src/routes/routes.js';

const table = (yaml: string): RouteTable => new RouteTable(parseFile(ROUTES, yaml, 'test.yaml'));
const delivery = (type: string, json: string): Delivery => ({
  event: { type, json },
  attempt: 1,
  position: '1-0',
  stream: 'in',
  partition: 0,
});
const order = (amount: unknown): Delivery =>
  delivery(
    'order.paid',
    JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 'order.paid', data: { amount } }),
  );
const topicsOf = async (one: Delivery, routes: RouteTable): Promise<string[]> => {
  const outcome = await routeEvent(one, routes, new Pace());
  return outcome.kind === 'forward' ? outcome.to.map(({ to }) => to) : [outcome.kind];
};

const TWO = `
routes:
  - { name: orders, pattern: { type: [{ prefix: order. }] }, topics: [orders, audit] }
  - { name: large, pattern: { type: [order.paid], data: { amount: [{ numeric: ['>=', 1000] }] } }, topics: [finance, audit], priority: 1 }
`;

describe('an event', () => {
  it('goes to the topics of all routes that match, each once, by priority', async () => {
    expect(await topicsOf(order(5), table(TWO))).toEqual(['topic:orders', 'topic:audit']);
    expect(await topicsOf(order(5000), table(TWO))).toEqual(['topic:finance', 'topic:audit', 'topic:orders']);
  });

  it('that matches nothing goes to unrouted', async () => {
    expect(await topicsOf(delivery('user.left', '{"type":"user.left"}'), table(TWO))).toEqual(['topic:unrouted']);
    expect(await topicsOf(order(1), new RouteTable([]))).toEqual(['topic:unrouted']);
  });

  it('that is routed again from a topic is not copied there a second time', async () => {
    const again = { ...order(5), stream: 'topic:unrouted' };
    expect(await topicsOf(again, new RouteTable([]))).toEqual([]);
    expect(await topicsOf(again, table(TWO))).toEqual(['topic:orders', 'topic:audit']);
    expect(await topicsOf({ ...order(5), stream: 'topic:audit' }, table(TWO))).toEqual(['topic:orders']);
  });

  it.each([
    ['holds no event', delivery('', '')],
    ['is not JSON', delivery('order.paid', '{"data":')],
  ])('that %s is dead-lettered, never round and round', async (_, one) => {
    expect(await topicsOf(one, table(TWO))).toEqual(['reject']);
  });
});

describe('a file of routes', () => {
  it.each([
    ['routes: {}', /test.yaml: a file of routes has a list under "routes"/],
    ['routes:\n  - name: "a b"', /route 1: name must be 1 to .* letters.*, got "a b"/],
    ['routes:\n  - { name: a, topics: [t] }', /route "a": pattern is missing/],
    ['routes:\n  - { name: a, pattern: { type: [{ numeric: [1] }] }, topics: [t] }', /route "a": pattern: /],
    [
      'routes:\n  - { name: a, pattern: { type: [x] } }',
      /route "a": topics must be a list of topic names, got nothing/,
    ],
    ['routes:\n  - { name: a, pattern: { type: [x] }, topics: [t], colour: red }', /route "a": "colour" is unknown/],
    [
      'routes:\n  - { name: a, pattern: { type: [x] }, topics: [t], priority: high }',
      /priority must be a whole number, got "high"/,
    ],
    [
      'routes:\n  - { name: a, pattern: { type: [x] }, topics: [t] }\n  - { name: a, pattern: { type: [y] }, topics: [t] }',
      /two routes named "a"/,
    ],
    ['routes: [', /test.yaml: /],
  ])('refuses %j', (yaml, message) => {
    expect(() => parseFile(ROUTES, yaml, 'test.yaml')).toThrow(message);
  });
});

describe('routes in force', () => {
  let redis: RedisServer;
  let transport: RedisTransport;
  let folder: string;
  let routes: Routes;

  beforeEach(async () => {
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
    folder = await mkdtemp(join(tmpdir(), 'millrace-routes-'));
  });
  afterEach(async () => {
    await routes?.onApplicationShutdown();
    await transport.close();
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  const route = (topic: string): string =>
    `routes:\n  - { name: a, pattern: { type: [order.paid] }, topics: [${topic}] }\n`;
  const start = async (yaml: string): Promise<string> => {
    const file = join(folder, 'routes.yaml');
    await writeFile(file, yaml);
    const log = createLogger({ hop: 'router', level: 'silent', format: 'json' });
    routes = new Routes(new WatchedFile(file), new RouteStore(transport), transport, log, 'router');
    await routes.start();
    return file;
  };
  const store = async (name: string, topics: string[]): Promise<void> => {
    const client = transport.connections.connect('test');
    await client.hset('mr:{ctl}:routes', name, JSON.stringify({ pattern: { type: ['order.paid'] }, topics }));
    await client.incr('mr:{ctl}:routes:version');
  };
  const now = () => topicsOf(order(1), routes.current.table);

  it('follow the file; a change that is not valid leaves what was in force', async () => {
    const file = await start(route('first'));
    expect(await now()).toEqual(['topic:first']);
    await writeFile(file, 'routes: [broken');
    await store('b', ['stored']);
    await waitFor(async () => (await now()).includes('topic:stored'), { what: 'a later look' });
    expect(await now()).toEqual(['topic:first', 'topic:stored']);
    await writeFile(file, route('second'));
    await waitFor(async () => (await now()).includes('topic:second'), { what: 'the second file' });
  });

  it('come from Redis too; where a name is in both, the file wins', async () => {
    await start(route('file'));
    await store('a', ['redis']);
    await store('b', ['both']);
    await waitFor(async () => (await now()).includes('topic:both'), { what: 'the stored route' });
    expect(await now()).toEqual(['topic:file', 'topic:both']);
    expect(await transport.registry.topics()).toContain('file');
  });

  it('do not start with a file that is not valid', async () => {
    await expect(start('routes: 7')).rejects.toThrow(/a file of routes has a list/);
  });
});
