import { ADMIN_API } from '@millrace/admin-api';
import { pointerTo } from '@millrace/json';
import { topicStream } from '@millrace/streams';
import { fuzzRuns, type RedisServer, startRedis } from '@millrace/testkit';
import fc from 'fast-check';
import { RunningConsole } from '../running-console.js';

let redis: RedisServer;
let running: RunningConsole;

const ROUTE = { pattern: { type: [{ prefix: 'a' }] }, topics: ['a'], priority: 1, transform: '{"a": data.b}' };
const EVENT = { specversion: '1.0', id: '1', source: '/s', type: 't', data: { n: 1 } };
const SCHEMA = { type: 'object', properties: { n: { type: 'number', minimum: 0 } }, required: ['n'] };
const FILTER = { hop: 'sink-a', text: 'a', from: '2026-01-01', to: '2026-01-02' };
const ENDPOINT = {
  ...{ url: 'https://example.com/a', topics: ['a'], pattern: { type: ['a'] }, headers: { 'x-a': 'b' }, timeout: '5s' },
  ...{ rate: 5, format: 'binary', enabled: true, secret: [`whsec_${'aaaa'.repeat(8)}`] },
};
const LETTER = '/api/dead-letters/sink-a/0/1-0';

/** Of each operation that has a body where it is sent, and a body that the contract allows. */
const BODIES: Readonly<Record<string, readonly [path: string, body: object]>> = {
  redriveDeadLetters: ['/api/dead-letters/redrive', { filter: FILTER, dryRun: true, perSecond: 5 }],
  purgeDeadLetters: ['/api/dead-letters/purge', { filter: FILTER, dryRun: true }],
  redriveDeadLetter: [`${LETTER}/redrive`, { event: EVENT }],
  createKey: [
    '/api/keys',
    { name: 'k', scopes: ['read', 'publish'], sources: ['/a/*'], types: ['a.*'], expires: '90d', rateLimit: '5/s' },
  ],
  rotateKey: ['/api/keys/rotated/rotate', { grace: '1h' }],
  labProduce: ['/api/lab/a/produce', { count: 1 }],
  labAdd: ['/api/lab/a/consumers', { count: 1, perSecond: 5 }],
  labCrash: ['/api/lab/a/consumers/consumer-1/crash', { after: 5 }],
  labClaim: ['/api/lab/a/claim', { minIdleMs: 5 }],
  labTrim: ['/api/lab/a/trim', { maxLength: 5 }],
  setLogLevel: ['/api/logs/level/router', { level: 'info', seconds: 5 }],
  raisePartitions: ['/api/partitions/raise', { to: 1, waitMs: 1000 }],
  startReplay: [
    '/api/replays',
    {
      topic: 'a',
      sink: 'sink-a',
      from: '2026-01-01',
      to: '2026-01-02',
      pattern: ROUTE.pattern,
      perSecond: 5,
      dryRun: true,
    },
  ],
  putRoutes: [
    '/api/routes',
    {
      routes: [
        { name: 'a', ...ROUTE },
        { name: 'b', ...ROUTE },
      ],
    },
  ],
  testPattern: ['/api/routes/test', { pattern: ROUTE.pattern, event: EVENT }],
  rollbackRoutes: ['/api/routes/rollback', { to: 0 }],
  putRoute: ['/api/routes/a', ROUTE],
  putDraft: ['/api/routes/a/draft', ROUTE],
  shadow: ['/api/routes/a/shadow', { last: 5, route: ROUTE }],
  rollbackSchemas: ['/api/schemas/rollback', { to: 0 }],
  testSchema: ['/api/schemas/test', { type: 't', event: EVENT }],
  setSchemas: ['/api/schemas/t', { mode: 'warn', current: 'v1' }],
  saveSchema: ['/api/schemas/t/versions/v2', SCHEMA],
  setTrace: ['/api/trace', { sample: 0.5, seconds: 5 }],
  putWebhook: ['/api/webhooks/e', ENDPOINT],
  changeWebhook: ['/api/webhooks/e', ENDPOINT],
  rotateWebhook: ['/api/webhooks/e/rotate', { secret: `whsec_${'bbbb'.repeat(8)}` }],
  resendWebhook: ['/api/webhooks/e/resend', { stream: 'topic:a', position: '1-0', partition: 0, unfiltered: true }],
};
/** It hands its body on to the gateway, whose answer it gives. */
const HANDED_ON = ['publish'];

/** What nobody, or hardly anybody, takes. */
const STRANGE: readonly unknown[] = [
  null,
  '',
  ' ',
  'x y',
  '(',
  '{',
  '[]',
  'ftp://a',
  -1,
  1.5,
  1e9,
  true,
  [],
  [[]],
  ['x y'],
  {},
  { 'a/b~c': 1 },
  'constructor',
  ['toString'],
  { constructor: {} },
];

type Path = readonly (string | number)[];

/** Where the members of a value stand, however deep. */
const placesIn = (value: unknown, at: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, one]) => {
        const place = [...at, Array.isArray(value) ? Number(name) : name];
        return [place, ...placesIn(one, place)];
      });

/** The same value with another one at a place. */
const changedAt = (value: unknown, [name, ...rest]: Path, to: unknown): unknown => {
  if (name === undefined) return to;
  if (Array.isArray(value)) return value.map((one, i) => (i === name ? changedAt(one, rest, to) : one));
  const members = value as Readonly<Record<string, unknown>>;
  return { ...members, [name]: changedAt(members[name], rest, to) };
};

beforeAll(async () => {
  redis = await startRedis();
  running = await RunningConsole.start(redis.url);
  const { registry } = running.transport;
  await registry.registerTopics(['a']);
  await registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: [topicStream('a')] });
  for (const id of ['putRoute', 'putDraft', 'putWebhook', 'labProduce', 'labAdd']) {
    const { status, body } = await running.ask(operationOf(id).method, ...(BODIES[id] as [string, object]));
    expect({ id, status, body }).toEqual({
      id,
      status: expect.any(Number),
      body: expect.not.objectContaining({ code: expect.anything() }),
    });
  }
  await running.ask('PUT', '/api/schemas/t/versions/v1', SCHEMA);
  await running.ask('POST', '/api/keys', { name: 'rotated', scopes: ['read'] });
});
afterAll(async () => {
  await running.close();
  await redis.stop();
});

const operations = Object.values(ADMIN_API.paths).flatMap((methods) =>
  Object.entries(methods).map(([method, { operationId: id, requestBody }]) => ({
    id,
    method: method.toUpperCase(),
    hasBody: requestBody !== undefined,
  })),
);
const operationOf = (id: string) => operations.find((one) => one.id === id) as (typeof operations)[number];
const taking = operations.filter(({ hasBody, id }) => hasBody && !HANDED_ON.includes(id));

it('are tried of every operation that has a body', () => {
  expect(taking.map(({ id }) => id).sort()).toEqual(Object.keys(BODIES).sort());
});

it('refuses members named __proto__, wherever they are', async () => {
  const body = JSON.parse('{"pattern": {"data": {"__proto__": [1]}}, "event": {}}') as object;
  const answer = await running.ask('POST', '/api/routes/test', body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } });
});

it.each(taking)('$id refuses what is wrong with a code, and points to it', async ({ id, method }) => {
  const [path, body] = BODIES[id] as readonly [string, object];
  const changes = fc.record({ place: fc.constantFrom(...placesIn(body)), to: fc.constantFrom(...STRANGE) });
  await fc.assert(
    fc.asyncProperty(changes, async ({ place, to }) => {
      const { status, body: answer } = await running.ask(method, path, changedAt(body, place, to));
      // What was made would be in the way of the next.
      if (id === 'createKey') await running.ask('DELETE', '/api/keys/k');
      if (status < 400) return;
      expect({ status, answer }).toMatchObject({
        answer: { type: `urn:millrace:problem:${answer.code}`, code: expect.stringMatching(/^[a-z-]+$/), status },
      });
      expect(status).toBeLessThan(500);
      if (status !== 400 && status !== 422) return;
      // At what was changed, or at what it is a part of, or at a part of it.
      const [at, changed] = [`${answer.pointer}/`, `${pointerTo(place)}/`];
      expect({ answer, isThere: at.startsWith(changed) || changed.startsWith(at) }).toEqual({ answer, isThere: true });
    }),
    { numRuns: fuzzRuns(40) },
  );
});
