import type { Trace } from '@millrace/admin-api';
import { itOnRealRedis, waitFor } from '@millrace/testkit';
import { EXIT } from '../../src/errors.js';
import { treeOf } from '../../src/output/trace-tree.js';
import { Pipeline } from '../pipeline.js';
import { RunningCli } from '../running-cli.js';

let cli: RunningCli;
let pipeline: Pipeline;

const ROUTES = `
routes:
  - { name: orders, pattern: { type: [{ prefix: order. }] }, topics: [orders] }
  - { name: large, pattern: { type: [order.paid], data: { amount: [{ numeric: ['>', 1000] }] } }, topics: [large] }
`;

beforeAll(async () => {
  cli = await RunningCli.start('gateway', 'router');
  pipeline = new Pipeline(cli.redis.url);
  await pipeline.registerGroup('sink-a', 'topic:orders');
  await cli.run('routes put -', { input: ROUTES });
});
afterAll(async () => {
  await pipeline?.close();
  await cli?.stop();
});

const publish = (id: string, source: string) =>
  cli.run(['publish', '--type', 'order.paid', '--data', '{"amount":5}', '--id', id, '--source', source]);

describe('millrace trace', () => {
  it('shows the whole way of an event', async () => {
    const orders = { name: 'topic:orders', partition: 0 };
    await waitFor(
      async () => {
        await publish(`warm-up-${Date.now()}`, '/warm-up');
        return (await pipeline.transport.reader.range(orders, '-', '+', 1)).length > 0;
      },
      { what: 'the router to know the routes', everyMs: 100 },
    );
    await publish('o1', '/shop/1');
    const { out } = await waitFor(
      async () => {
        const ran = await cli.run('trace /shop/1 o1');
        return /topic orders/.test(ran.out) && / done/.test(ran.out) && ran;
      },
      { what: 'the event to be routed' },
    );
    expect(out).toMatch(/^\/shop\/1 o1 {2}order\.paid\n├─ inbox {2}\d{4}-.* in partition 0/);
    expect(out).toMatch(/\n├─ routing {2}done/);
    expect(out).toMatch(/matched {2}orders to orders\n/);
    expect(out).toMatch(/no match {2}large\n.* data\.amount expects .*, got 5\n/);
    expect(out).toMatch(/\n└─ topic orders .*\n {3}└─ sink-a {2}unread/);
    expect(await cli.json('trace /shop/1 o1')).toMatchObject({ found: true, topics: [{ topic: 'orders' }] });
  });

  it('finds the source by the id, where one alone has it', async () => {
    await publish('o2', '/shop/1');
    expect((await cli.run('trace o2')).out).toMatch(/^\/shop\/1 o2 /);
    await publish('o2', '/shop/2');
    expect(await cli.run('trace o2')).toMatchObject({
      code: EXIT.failed,
      error: 'several sources have an event "o2": /shop/2, /shop/1; say which',
    });
    expect(await cli.run('trace nobody')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(
        /^no event "nobody" is retained: \d+ events of the inbox and all topics were searched/,
      ),
    });
  });

  it('says that there is none, with what is known', async () => {
    const { code, out, error } = await cli.run('trace /shop/9 nobody');
    expect(code).toBe(EXIT.failed);
    expect(out).toMatch(/^\/shop\/9 nobody\n├─ inbox {2}not found/);
    expect(error).toMatch(/^no event "nobody" of source "\/shop\/9" was found/);
  });

  // What stands in for Redis takes minutes for so many.
  itOnRealRedis('goes on to the end of all that is retained, in the inbox and in the topics', async () => {
    const far = (n: number) => ({
      type: 't',
      json: JSON.stringify({ specversion: '1.0', id: `f${n}`, source: '/f', type: 't' }),
    });
    for (let from = 0; from < 11_000; from += 500) {
      await pipeline.append('topic:orders', ...Array.from({ length: 500 }, (_, n) => far(from + n)));
    }
    expect((await cli.run('trace /f f0')).out).toMatch(/^\/f f0 [\s\S]*topic orders /);
    expect((await cli.run('trace f1')).out).toMatch(/^\/f f1 /);
    const { error } = await cli.run('trace /f none');
    expect(error).toBe('no event "none" of source "/f" was found in all that is retained');
  });

  it('is stopped by Ctrl-C, and says how far it looked', async () => {
    const watch = (text: string, interrupt: () => void) => /searched/.test(text) && interrupt();
    const ran = await cli.run('topics events orders --text nothing-of-this', { isTerminal: true, watch });
    expect(ran.error).toMatch(/stopped: searched \d+ of 11\d+, up to 20\d\d-.*; there are more/);
    const traced = await cli.run('trace /f none', { isTerminal: true, watch });
    expect(traced.code).toBe(EXIT.failed);
    expect(traced.error).toMatch(/no event "none" of source "\/f" was found in the 10\d+ events searched/);
  });

  it('advises to route an event again once, and no second time before other routes are live', async () => {
    const lost = { type: 'lost', json: JSON.stringify({ specversion: '1.0', id: 'u1', source: '/u', type: 'lost' }) };
    await pipeline.append('topic:unrouted', lost);
    const before = (await cli.run('trace /u u1')).out;
    const [, advice] = /no route matched; after fixing one: millrace (replay unrouted .*)/.exec(before) ?? [];
    await cli.run(`${advice} --yes`);
    const after = (await cli.run('trace /u u1')).out;
    expect(after).toMatch(/routed again 20\d\d-.* by the replay \S+, which is done/);
    expect(after).not.toMatch(/once one is mended/);
    await cli.run('routes put -', { input: ROUTES.replace('order. }', 'orders. }') });
    expect((await cli.run('trace /u u1')).out).toMatch(/after fixing one: millrace replay unrouted/);
  });

  it('draws attempts, what is parked, dead letters and transforms', () => {
    const at = Date.parse('2026-01-31T12:00:00Z');
    const attempt = {
      at,
      attempt: 1,
      outcome: 'retry',
      error: 'TypeError',
      message: 'no\u001b[2J',
      ms: 12,
      status: 500,
    };
    const sink = { hop: 'sink-webhook', at, parkedUntil: null, attempts: [], deadLetter: null, redriven: 0 };
    const trace = {
      source: '/s',
      id: '1',
      found: true,
      event: {},
      type: 't',
      sample: 0.1,
      looked: 1,
      next: null,
      inbox: { streamId: '1-0', partition: 0, at, retained: false },
      routing: { state: 'done', at, version: 3, attempts: [], deadLetter: null, changedSince: true, routes: [] },
      topics: [
        {
          topic: 'orders',
          streamId: '2-0',
          isSure: true,
          partition: 0,
          at,
          transformed: true,
          sinks: [
            { ...sink, group: 'hook.a', endpoint: 'a', state: 'parked', parkedUntil: at + 5000, attempts: [attempt] },
            {
              ...sink,
              group: 'sink-b',
              endpoint: null,
              state: 'dead',
              redriven: 2,
              deadLetter: { group: 'sink-b', partition: 0, id: '9-0' },
            },
          ],
        },
      ],
    } as unknown as Trace;
    const text = treeOf(trace).map((one) => one.shown(false));
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
    expect(text).toEqual([
      '/s 1  t',
      expect.stringMatching(new RegExp(`^├─ inbox  ${time}  1-0 in partition 0  trimmed since$`)),
      expect.stringMatching(new RegExp(`^├─ routing  done ${time} by version 3 of the routes$`)),
      '│  └─ routes changed since: the current ones differ',
      expect.stringMatching(new RegExp(`^└─ topic orders ${time}  2-0 in partition 0  transformed$`)),
      expect.stringMatching(new RegExp(`^   ├─ hook.a \\(endpoint a\\)  scheduled for retry ${time} until ${time}$`)),
      expect.stringMatching(/attempt 1 {2}.* {2}retry status 500 in 12 ms {2}TypeError: no\\u001b\[2J$/),
      expect.stringMatching(new RegExp(`^   └─ sink-b  dead-lettered ${time}  redriven 2 times$`)),
      '      └─ millrace dlq show sink-b 0 9-0',
      '10 % of deliveries are recorded: attempts may be missing here',
    ]);
  });
});

describe('millrace record', () => {
  it('tells what is recorded, and changes it for a time', async () => {
    expect((await cli.run('record')).out).toBe('recorded: all that fails, and 1 % of the rest');
    expect((await cli.run('record all --seconds 600')).out).toMatch(
      /^recorded: all that fails, and all of the rest, until \d{4}-/,
    );
    expect(await cli.json('record')).toEqual({ sample: 1, until: expect.any(Number) });
    expect((await cli.run('record 0.5%')).out).toBe('recorded: all that fails, and 0.5 % of the rest');
    expect(await cli.run('record most')).toMatchObject({ code: EXIT.usage });
    expect(await cli.run('record 150%')).toMatchObject({ code: EXIT.usage });
  });
});

describe('millrace log-level', () => {
  it('tells what is set, sets it for a time, and gives a service its own back', async () => {
    expect((await cli.run('log-level')).out).toBe('every service logs at its own level, LOG_LEVEL');
    expect((await cli.run('log-level router debug --seconds 600')).out).toMatch(/^router logs at debug, until \d{4}-/);
    expect((await cli.run('log-level all warn')).out).toBe('all logs at warn');
    expect((await cli.run('log-level')).out).toMatch(/^all: warn\nrouter: debug, until \d{4}-/);
    expect(await cli.json('log-level router')).toEqual({
      levels: [{ service: 'router', level: 'debug', until: expect.any(Number) }],
    });
    expect(await cli.run('log-level router default')).toMatchObject({
      out: 'router logs at warn',
      error: 'warning: all is set to warn, which holds for it now',
    });
    expect((await cli.run('log-level all default')).out).toBe('all logs at its own level');
    expect(await cli.run('log-level router default')).toMatchObject({
      code: EXIT.failed,
      error: 'No level is set for "router"',
    });
    expect((await cli.run('log-level ruoter debug')).error).toMatch(/^warning: unknown service "ruoter"/);
    await cli.run('log-level ruoter default');
    expect(await cli.json('log-level')).toEqual({ levels: [] });
    expect(await cli.run('log-level router loud')).toMatchObject({ code: EXIT.usage });
    expect(await cli.run('log-level not/a/service info')).toMatchObject({ code: EXIT.failed });
  });
});
