import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../src/errors.js';
import { KEY, type Ran, RunningCli } from '../running-cli.js';

const ROUTES = `
routes:
  - { name: orders, pattern: { type: [{ prefix: order. }] }, topics: [orders] }
  - { name: large, pattern: { type: [order.paid], data: { amount: [{ numeric: ['>', 100] }] } }, topics: [large] }
`;

let cli: RunningCli;
let folder: string;

beforeAll(async () => {
  cli = await RunningCli.start();
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  await writeFile(join(folder, 'routes.yaml'), ROUTES);
});
afterAll(async () => {
  await cli?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (args: string, env: Record<string, string> = {}, input = ''): Promise<Ran> => cli.run(args, { env, input });
const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const file = (name: string): string => join(folder, name);
const json = (args: string) => cli.json(args);

describe('millrace routes', () => {
  it('validates a file without a console', async () => {
    const away = { MILLRACE_URL: 'http://127.0.0.1:59999' };
    expect(await run(`routes validate ${file('routes.yaml')}`, away)).toMatchObject({
      code: EXIT.done,
      out: `${file('routes.yaml')}: 2 routes, all valid`,
    });
    expect(await run('routes validate -', away, 'routes: [{ name: a, topics: [t] }]')).toEqual({
      code: EXIT.failed,
      out: '',
      error: 'route "a": pattern is missing',
    });
    expect(await run('routes validate nowhere.yaml', away)).toMatchObject({
      code: EXIT.usage,
      error: 'nowhere.yaml: cannot be read: ENOENT',
    });
  });

  it('puts, lists, shows, compares, rolls back and deletes', async () => {
    expect((await run('routes ls')).out).toBe('no routes: everything goes to "unrouted"');
    expect((await run(`routes put ${file('routes.yaml')}`)).out).toBe('2 routes live, version 1');
    expect((await run('routes ls')).out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['route', 'from', 'topics'],
      ['large', 'redis', 'large'],
      ['orders', 'redis', 'orders'],
    ]);
    expect(JSON.parse((await run('routes get orders')).out)).toMatchObject({ name: 'orders', topics: ['orders'] });
    expect((await run('routes rm orders')).out).toBe('orders is deleted, version 2');
    expect((await run('routes diff 1')).out).toMatch(/^orders\n {2}- \{.*"orders"/);
    expect((await run('routes rollback 1')).out).toBe('the routes are those of version 1 again, as version 3');
    expect((await run('routes diff 1 3')).out).toBe('no difference');
    expect((await json('routes history')).changes.map(({ action }: { action: string }) => action)).toEqual([
      ...['rollback', 'delete', 'put'],
    ]);
    expect((await run('routes history --limit 1')).out).toMatch(
      /3 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*rollback {2}orders/,
    );
    expect(await run(`routes put ${file('routes.yaml')} --version 1`)).toMatchObject({
      code: EXIT.failed,
      error: 'it is at version 3, not 1: it was changed by another client',
    });
  });

  it('drafts, shadows and promotes', async () => {
    await run(`routes put ${file('routes.yaml')}`);
    await writeFile(file('draft.yaml'), ROUTES.replace('[large] }', '[huge] }'));
    expect((await run(`routes put ${file('draft.yaml')} --draft`)).out).toBe('2 drafts');
    expect((await run('routes diff large')).out).toMatch(/- .*"large"\].*\n.*\+ .*"huge"\]/);
    expect((await run('routes shadow large --last 10')).out).toMatch(/^0 of 0 events match; 0 would be rerouted\n/);
    expect((await run('routes promote large')).out).toMatch(/^large is live, version \d+$/);
    expect((await json('routes get large')).route.topics).toEqual(['huge']);
    expect(await run('routes promote large')).toMatchObject({ code: EXIT.failed, error: 'Draft "large" not found' });
  });

  it('puts what it gets: one route, changed in an editor', async () => {
    await run(`routes put ${file('routes.yaml')}`);
    const { out } = await run('routes get orders');
    await writeFile(file('orders.json'), out.replace('order.', 'purchase.'));
    expect((await run(`routes put ${file('orders.json')}`)).out).toMatch(/ live, version \d+$/);
    expect((await json('routes get orders')).route.pattern).toEqual({ type: [{ prefix: 'purchase.' }] });
    expect((await json('routes get large')).route.topics).toEqual(['large']);
  });

  it('says why a pattern matches or does not', async () => {
    const why = await run('routes test {"type":["a"],"data":{"n":[1,2]}} -', {}, '{"type":"a","data":{"n":3}}');
    expect(why.out.split('\n')).toEqual([
      'does not match',
      '  failed  data.n takes [1,2], saw 3',
      '  passed  type takes ["a"], saw "a"',
    ]);
    expect((await json('routes test {"type":["a"]} {"type":"a"}')).result).toBe(true);
    expect(await run('routes test {"type":"a"} {}')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/^pattern: /),
    });
  });

  it.each([
    ['routes', {}, EXIT.usage, /Usage: millrace routes/],
    ['routes paint', {}, EXIT.usage, /unknown command 'paint'/],
    ['routes rollback latest', {}, EXIT.usage, /expected a whole number/],
    ['routes ls', { MILLRACE_URL: 'http://127.0.0.1:59999' }, EXIT.unavailable, /is unreachable \(ECONNREFUSED\)/],
    ['routes ls', { MILLRACE_URL: 'nowhere' }, EXIT.unavailable, /"nowhere" is not a URL/],
    ['routes ls', { MILLRACE_API_KEY: 'another-key-that-is-not-known' }, EXIT.failed, /API key/],
    ['routes get nobody', {}, EXIT.failed, /oute "nobody" not found/],
    ['routes ls --profile prod', { XDG_CONFIG_HOME: '/nowhere' }, EXIT.usage, /there is no profile "prod"/],
  ])('%s fails in a sentence', async (args, env, code, error) => {
    expect(await run(args, env)).toMatchObject({ code, error: expect.stringMatching(error) });
  });

  it('gives its key to nobody else, and says what is no console', async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers['x-api-key'] as string | undefined);
      response.end('{}');
    });
    const here = createServer((request, response) => {
      if (request.url === '/api/routes') response.writeHead(307, { location: addressOf(other) }).end();
      else response.end('<html>');
    });
    await Promise.all(
      [other, here].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
    );
    const env = { MILLRACE_URL: addressOf(here) };
    expect(await run('routes ls', env)).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/response was 307/),
    });
    expect(await run('routes history', env)).toMatchObject({
      code: EXIT.unavailable,
      error: expect.stringMatching(/did not return JSON/),
    });
    expect(await run('sinks ls', { MILLRACE_URL: addressOf(other), MILLRACE_API_KEY: '' })).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(
        /^unexpected response .* or a bug in millrace: .* \(MILLRACE_DEBUG=1 shows where\)$/,
      ),
    });
    expect(seen).toEqual([undefined]);
    await Promise.all([other, here].map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it('takes its address and key from a profile', async () => {
    await writeFile(join(folder, 'millrace.json'), JSON.stringify({ profiles: { test: { url: cli.url, key: KEY } } }));
    const none = { MILLRACE_URL: '', MILLRACE_API_KEY: '', XDG_CONFIG_HOME: folder };
    expect((await run('routes ls --profile test', none)).code).toBe(EXIT.done);
    expect((await run('routes ls --profile other', none)).error).toMatch(/there is no profile "other"/);
  });

  it('helps', async () => {
    expect(await run('--help')).toMatchObject({ code: EXIT.done, out: expect.stringMatching(/Usage: millrace/) });
    expect(await run('routes --help')).toMatchObject({ code: EXIT.done, out: expect.stringMatching(/Examples:/) });
  });
});

describe('millrace schemas', () => {
  it('validates a file', async () => {
    const good = '{"schemas":[{"type":"order","versions":{"1":{"type":"object"}}}]}';
    expect((await run('schemas validate -', {}, good)).out).toBe('-: schemas of 1 types, all valid');
    expect(await run('schemas validate -', {}, '{"schemas":[{"type":"order"}]}')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/versions must be .*, got nothing/),
    });
  });
});
