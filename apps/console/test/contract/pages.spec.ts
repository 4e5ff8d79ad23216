import { ADMIN_API } from '@millrace/admin-api';
import { AttemptLog } from '@millrace/endpoints';
import { Operations } from '@millrace/operations';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
});
afterEach(() => running.close());

/** A list of the API, and how one is added to it and taken from it. */
interface Listed {
  readonly path: string;
  readonly member: string;
  readonly nameOf: (item: never) => string;
  readonly add: (name: string) => Promise<unknown>;
  readonly remove: (name: string) => Promise<unknown>;
  /** What is there before. */
  readonly own?: number;
  readonly newestFirst?: true;
}

const control = (name: string): string => running.transport.keys.control(name);
const hash = (field: string, made: (name: string) => object) => ({
  add: (name: string) => running.transport.connections.requests.hset(control(field), name, JSON.stringify(made(name))),
  remove: (name: string) => running.transport.connections.requests.hdel(control(field), name),
});
const job = (kind: string, more: object) => ({
  newestFirst: true as const,
  add: (id: string) => {
    const order = { id, createdAt: 1, perSecond: 1, who: '', ...more };
    return new Operations(running.transport).jobs(kind).add(id, JSON.stringify(order), '{"state":"done"}');
  },
  remove: (id: string) => new Operations(running.transport).jobs(kind).forget([id], [], 1),
});
const api = (path: string, body: object) => ({
  add: (name: string) => running.ask('PUT', `${path}/${name}`, body),
  remove: (name: string) => running.ask('DELETE', `${path}/${name}`),
});
/** Looks are shared for a moment by all who ask; whoever asks for one group looks anew. */
const lookedAgain = <T>({
  add,
  remove,
}: {
  add: (name: string) => Promise<T>;
  remove: (name: string) => Promise<T>;
}) => {
  const then = (work: (name: string) => Promise<T>) => async (name: string) => {
    await work(name);
    return running.ask('GET', '/api/sinks/none');
  };
  return { add: then(add), remove: then(remove) };
};
const byName = ({ name }: { name: string }): string => name;
const ROUTE = { pattern: { type: ['a'] }, topics: ['a'] };

const LISTS: readonly Listed[] = [
  {
    path: '/api/routes',
    member: 'routes',
    nameOf: (view: { route: { name: string } }) => view.route.name,
    ...api('/api/routes', ROUTE),
  },
  {
    path: '/api/routes',
    member: 'drafts',
    nameOf: byName,
    add: (name) => running.ask('PUT', `/api/routes/${name}/draft`, ROUTE),
    remove: (name) => running.ask('DELETE', `/api/routes/${name}/draft`),
  },
  {
    path: '/api/routes',
    member: 'invalid',
    nameOf: (why: string) => /"(\w)"/.exec(why)?.[1] ?? '',
    ...hash('routes', () => []),
  },
  { path: '/api/webhooks', member: 'endpoints', nameOf: byName, ...api('/api/webhooks', { url: 'http://a' }) },
  {
    path: '/api/schemas',
    member: 'schemas',
    nameOf: ({ type }: { type: string }) => type,
    add: (type) => running.ask('PUT', `/api/schemas/${type}/versions/v1`, {}),
    remove: (type) => running.ask('DELETE', `/api/schemas/${type}`),
  },
  {
    path: '/api/keys',
    member: 'keys',
    nameOf: byName,
    add: (name) => running.ask('POST', '/api/keys', { name, scopes: ['read'] }),
    remove: (name) => running.ask('DELETE', `/api/keys/${name}`),
  },
  {
    path: '/api/logs/level',
    member: 'levels',
    nameOf: ({ service }: { service: string }) => service,
    ...api('/api/logs/level', { level: 'info' }),
  },
  {
    path: '/api/sinks',
    member: 'sinks',
    nameOf: byName,
    ...lookedAgain(hash('sinks', (group) => ({ group, hop: group, streams: ['topic:a'], seenAt: Date.now() }))),
  },
  {
    path: '/api/topics',
    member: 'topics',
    nameOf: byName,
    own: 1, // unrouted
    ...lookedAgain<unknown>({
      add: (name) => running.transport.registry.registerTopics([name]),
      remove: (name) => running.transport.connections.requests.srem(control('topics'), name),
    }),
  },
  {
    path: '/api/lab',
    member: 'topics',
    nameOf: (topic: string) => topic,
    add: async (topic) => {
      await running.transport.registry.registerTopics([topic]);
      return running.ask('POST', `/api/lab/${topic}/produce`, { count: 1 });
    },
    remove: (topic) => running.ask('DELETE', `/api/lab/${topic}`),
  },
  {
    path: '/api/replays',
    member: 'replays',
    nameOf: ({ id }: { id: string }) => id,
    ...job('replays', { topic: 'a', sink: 'b', from: '-', to: '+', pattern: null, total: 1, ends: [] }),
  },
  {
    path: '/api/dead-letters/redrives',
    member: 'redrives',
    nameOf: ({ id }: { id: string }) => id,
    ...job('redrives', { filter: {}, matched: 1, parts: [] }),
  },
];

describe.each(LISTS)('$path: $member', ({ path, member, nameOf, add, remove, own = 0, newestFirst }) => {
  const page = async (query: string): Promise<{ names: string[]; next: string | null }> => {
    const { status, body } = await running.ask('GET', `${path}?${query}`);
    expect({ status, problem: body.detail }).toEqual({ status: 200, problem: undefined });
    return { names: body[member].map(nameOf), next: body.next };
  };
  const ordered = (...names: string[]): string[] => (newestFirst ? names.reverse() : names);

  it('comes in pages, where others are added and deleted between them', async () => {
    const before = own === 0 ? [] : ['unrouted'];
    expect(await page('limit=1')).toEqual({ names: before, next: null });
    await add('b');
    expect(await page(`limit=${1 + own}`)).toEqual({ names: ['b', ...before], next: null });
    await add('f');
    const [first, last] = ordered('b', 'f') as [string, string];
    expect(await page('')).toEqual({ names: [...ordered('b', 'f'), ...before], next: null });
    expect(await page(`limit=${2 + own}`)).toEqual({ names: [...ordered('b', 'f'), ...before], next: null });
    const { names, next } = await page('limit=1');
    expect({ names, next }).toEqual({ names: [first], next: expect.any(String) });

    // What ended the page is deleted, one is added where that stood, and one after it.
    await remove(first);
    for (const name of ['a', 'd', 'g']) await add(name);
    const rest = [];
    for (let cursor = next; cursor !== null; ) {
      const { names, next }: Awaited<ReturnType<typeof page>> = await page(`limit=1&cursor=${cursor}`);
      expect(names).toHaveLength(1);
      rest.push(...names);
      cursor = next;
    }
    expect(rest).toEqual([...(newestFirst ? ['d', 'b', 'a'] : ['d', 'f', 'g']), ...before]);
    expect(rest).toContain(last);
  });

  it('refuses a cursor that is none', async () => {
    // Names that every object has are no lists.
    const inherited = Object.getOwnPropertyNames(Object.prototype).map((name) =>
      Buffer.from(`a\0${name}`).toString('base64url'),
    );
    for (const cursor of ['x', '1795230491115-0', 'YQ', 'YQ==', 'YQBiAGM', ...inherited]) {
      const detail = `cursor must be the \`next\` of an earlier answer, got "${cursor}"`;
      expect(await running.ask('GET', `${path}?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { code: 'bad-request', pointer: 'cursor', detail },
      });
    }
  });
});

it('pages lists of one answer together, each item once', async () => {
  for (const name of ['a', 'b']) await running.ask('PUT', `/api/routes/${name}`, ROUTE);
  for (const name of ['b', 'c']) await running.ask('PUT', `/api/routes/${name}/draft`, ROUTE);
  const found: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await running.ask('GET', `/api/routes?limit=1${cursor}`);
    expect(body.version).toBe(2);
    found.push(...body.routes.map(({ route }: { route: { name: string } }) => `route ${route.name}`));
    found.push(...body.drafts.map(byName));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(found).toEqual(['route a', 'b', 'route b', 'c']);
});

it('pages attempts at an endpoint, the newest first', async () => {
  await running.ask('PUT', '/api/webhooks/a', { url: 'http://a' });
  const log = new AttemptLog(running.transport);
  const attempt = { at: 1, type: 't', source: '/s', id: '1', stream: 'in', position: '1-0', partition: 0, ms: 5 };
  const page = async (query: string) => {
    const { body } = await running.ask('GET', `/api/webhooks/a/attempts?${query}`);
    return { numbers: body.attempts.map((one: { attempt: number }) => one.attempt), next: body.next };
  };
  expect(await page('limit=2')).toEqual({ numbers: [], next: null });
  for (const n of [1, 2, 3]) log.add('a', { ...attempt, attempt: n });
  await log.flush();
  expect(await page('limit=3')).toEqual({ numbers: [3, 2, 1], next: null });
  const { numbers, next } = await page('limit=2');
  expect(numbers).toEqual([3, 2]);
  log.add('a', { ...attempt, attempt: 4 });
  await log.flush();
  expect(await page(`limit=2&cursor=${next}`)).toEqual({ numbers: [1], next: null });
  expect(await running.ask('GET', '/api/webhooks/a/attempts?cursor=x')).toMatchObject({
    status: 400,
    body: { code: 'bad-request', pointer: 'cursor' },
  });
});

// Every one of them: `0-0` is what nothing stands before, which Redis refuses to be asked for.
it('refuses odd cursors of every list, or gives what comes after them', async () => {
  await running.ask('PUT', '/api/webhooks/a', { url: 'http://a' });
  await running.transport.registry.registerTopics(['orders']);
  const odd = [
    '0-0',
    '00-000',
    '0-1',
    '9999999999999999-9999999999999999',
    '-',
    '+',
    '(1-1',
    '1',
    '~',
    '0-0~0-0',
    '%00',
  ];
  const lists = Object.entries(ADMIN_API.paths).filter(([, { get }]) =>
    (get?.parameters ?? []).some((one) => 'name' in one && one.name === 'cursor'),
  );
  expect(lists.length).toBeGreaterThan(10);
  for (const [path] of lists) {
    for (const cursor of odd) {
      const url = `/api${path}`
        .replace('/api/api', '/api')
        .replace('{topic}', 'orders')
        .replaceAll(/\{\w+\}/g, 'a');
      const { status } = await running.ask('GET', `${url}?cursor=${encodeURIComponent(cursor)}&source=/s&id=1`);
      expect([path, cursor, status < 500]).toEqual([path, cursor, true]);
    }
  }
});
