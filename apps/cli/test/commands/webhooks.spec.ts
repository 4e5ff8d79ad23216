import { AttemptLog, EndpointStates } from '@millrace/endpoints';
import { EXIT } from '../../src/errors.js';
import { eventOf, Pipeline } from '../pipeline.js';
import { RunningCli } from '../running-cli.js';

let cli: RunningCli;

beforeAll(async () => {
  cli = await RunningCli.start();
});
afterAll(() => cli?.stop());

const withTransport = () => {
  const pipeline = new Pipeline(cli.redis.url);
  return { transport: pipeline.transport, close: () => pipeline.close() };
};
const run = (args: string, ...more: readonly [Parameters<RunningCli['run']>[1]?]) => cli.run(args, ...more);

describe('millrace webhooks', () => {
  it('makes, lists, shows and deletes endpoints', async () => {
    expect((await run('webhooks ls')).out).toBe('no endpoints');
    const made = await run('webhooks put a --to http://127.0.0.1:9/in --topics orders,refunds');
    const secret = /^a is made, version 1\nits secret, which is not shown again: (whsec_[A-Za-z0-9+/]{43}=)$/.exec(
      made.out,
    )?.[1];
    expect(secret).toBeDefined();
    expect(made.error).toBe('warning: No webhook sink is registered: nothing is delivered until one runs');
    const yaml = 'url: https://example.com/hook\nsigned: false\npattern: { type: [order.paid] }\n';
    expect((await run('webhooks put b - --version 1', { input: yaml })).out).toBe('b is made, version 2');
    expect((await run('webhooks ls')).out.split('\n')[1]).toMatch(
      /^a +has warnings +0 +0 +http:\/\/127\.0\.0\.1:9\/in +No webhook sink/,
    );
    expect((await cli.json('webhooks get a')).endpoint).toEqual({
      name: 'a',
      url: 'http://127.0.0.1:9/in',
      topics: ['orders', 'refunds'],
      secret: [`whsec_…${secret?.slice(-4)}`],
    });
    expect((await run('webhooks rm b')).code).toBe(EXIT.usage);
    expect((await run('webhooks rm b --yes')).out).toBe('b is deleted, version 3');
    expect((await run('webhooks rm a', { answer: () => 'n' })).code).toBe(EXIT.failed);
  });

  it('changes what is named and nothing else, and replaces where that is asked for', async () => {
    await run('webhooks put f --to http://127.0.0.1:9/in --topics orders --pattern {"type":["order.paid"]}');
    const before = (await cli.json('webhooks get f')).endpoint;
    expect((await run('webhooks put f --to http://127.0.0.1:9/other')).out).toMatch(/^f is changed: url, version \d+$/);
    expect((await cli.json('webhooks get f')).endpoint).toEqual({ ...before, url: 'http://127.0.0.1:9/other' });
    expect((await run('webhooks put f - --replace', { input: 'url: http://127.0.0.1:9/new' })).out).toMatch(
      /^f is replaced/,
    );
    expect((await cli.json('webhooks get f')).endpoint).toEqual({
      name: 'f',
      url: 'http://127.0.0.1:9/new',
      secret: before.secret,
    });
    expect((await run('webhooks put f --unsigned')).out).toMatch(/^f is changed: signed/);
    expect((await cli.json('webhooks get f')).endpoint).toEqual({
      name: 'f',
      url: 'http://127.0.0.1:9/new',
      signed: false,
    });
    expect((await run('webhooks put g --topics orders')).error).toMatch(/endpoint "g" not found/i);
  });

  it('switches them, sends tests, changes secrets', async () => {
    await run('webhooks put c --to http://127.0.0.1:9/in');
    expect((await run('webhooks off c')).out).toBe('c is disabled; its queue is kept');
    expect((await run('webhooks ls')).out).toMatch(/^c +disabled: by hand/m);
    expect(await run('webhooks test c')).toMatchObject({
      out: expect.stringMatching(/^event \S+ is on its way to c/),
      error: expect.stringMatching(/^warning: The endpoint is disabled/m),
    });
    expect((await run('webhooks on c')).out).toBe(
      'c is enabled; retrying now: 1 queued, 0 of them were scheduled for later',
    );
    expect((await run('webhooks on c')).out).toMatch(/^c was enabled already; retrying now/);
    expect((await run('webhooks attempts c')).out).toBe('no delivery attempts yet');
    expect((await run('webhooks rotate c')).out).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await run('webhooks resend c orders 1-1')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/No event at 1-1 of topic:orders/),
    });
  });

  it('tries one at once whose retries are paused, and all that is scheduled for it', async () => {
    await run('webhooks put p --to http://127.0.0.1:9/in');
    const { transport, close } = withTransport();
    const states = new EndpointStates(transport);
    await states.failing('p', { failingSince: 1, failure: 'it answered 500', openUntil: Date.now() + 3_600_000 });
    await transport.connections.connect('test').zadd(transport.keys.parked('hook.p', 0), Date.now() + 3_600_000, 'd1');
    expect((await run('webhooks ls')).out).toMatch(/^p +retries paused until /m);
    expect((await run('webhooks on p')).out).toBe(
      'p was enabled already; retrying now: 1 queued, 1 of them were scheduled for later',
    );
    expect((await run('webhooks ls')).out).toMatch(/^p +failing for /m);
    expect((await states.orders()).retries.has('p')).toBe(true);
    await close();
    await run('webhooks rm p --yes');
  });

  it('says what brings them nothing, and sends past topics and pattern only where that is said', async () => {
    const pipeline = new Pipeline(cli.redis.url);
    await pipeline.registerTopics('orders', 'pushes');
    await pipeline.registerGroup('sink-webhook', 'topic:orders');
    await pipeline.registerGroup('hook.h', 'hook:h');
    const put = await run('webhooks put h --to http://127.0.0.1:9/in --topics pushes');
    expect(put.error).toBe('warning: The webhook sink does not read "pushes": its TOPICS are orders');
    expect((await run('doctor')).out).toMatch(
      /^warning +webhook +endpoint h: The webhook sink does not read "pushes"/m,
    );
    const [position] = await pipeline.append('topic:orders', eventOf('e1'));
    expect(await run(`webhooks resend h orders ${position}`)).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/"h" does not get this event.*unfiltered/),
    });
    expect((await run(`webhooks resend h orders ${position} --unfiltered`)).out).toMatch(/is on its way to h again$/);
    expect((await run('replay orders --sink hook.h --dry-run')).error).toMatch(
      /does not subscribe to the topic "orders"; its topics are pushes/,
    );
    expect((await run('replay orders --sink hook.h --dry-run --unfiltered')).out).toBe(
      '1 of 1 events match; 1 of them are sent past the topics and pattern of hook.h',
    );
    await pipeline.close();
    await run('webhooks rm h --yes');
  });

  it('shows what was sent to them', async () => {
    await run('webhooks put e --to http://127.0.0.1:9/in');
    const pipeline = new Pipeline(cli.redis.url);
    const log = new AttemptLog(pipeline.transport);
    const where = { type: 't', source: '/s', id: 'one', stream: 'topic:orders', position: '1-0', partition: 0 };
    log.add('e', { ...where, at: 1, attempt: 1, ms: 12, status: 500, failure: 'it answered 500\u001b[2J' });
    log.add('e', { ...where, at: 2, attempt: 2, ms: 7, status: 204 });
    await log.flush();
    await pipeline.close();
    const [, second, first] = (await run('webhooks attempts e')).out.split('\n');
    expect(second).toMatch(/ done +2 +204 +7 ms +t +\/s +one$/);
    expect(first).toMatch(/ failed +1 +500 +12 ms +t +\/s +one +it answered 500\\u001b\[2J$/);
    expect((await cli.json('webhooks attempts e --limit 1')).attempts).toMatchObject([{ attempt: 2, status: 204 }]);
  });

  it.each([
    ['webhooks put d', EXIT.usage, /no URL: give a file, or --to/],
    ['webhooks put d x.yaml --to http://a', EXIT.usage, /either --to or a file/],
    ['webhooks put d nowhere.yaml', EXIT.usage, /nowhere.yaml: cannot be read: ENOENT/],
    ['webhooks put d -', EXIT.failed, /-: must hold an endpoint/],
    ['webhooks put d --to ftp://a', EXIT.failed, /url must be .*, got an invalid URL/],
    ['webhooks put d --to http://user:50%@a', EXIT.failed, /user or password has an invalid percent-encoding/],
    ['webhooks put d --topics a --replace', EXIT.usage, /no URL: give a file, or --to/],
    ['webhooks put d --to http://a --version 99', EXIT.failed, /it is at version/],
    ['webhooks put d --to http://a --pattern x', EXIT.usage, /it is not JSON/],
    ['webhooks get nobody', EXIT.failed, /endpoint "nobody" not found/i],
    ['webhooks test nobody', EXIT.failed, /endpoint "nobody" not found/i],
  ])('%s is refused', async (args, code, error) => {
    expect(await run(args)).toMatchObject({ code, out: '', error: expect.stringMatching(error) });
  });
});

describe('millrace doctor', () => {
  it('says what it found, and fails where something is refused', async () => {
    const fine = await run('doctor');
    expect(fine).toMatchObject({ code: EXIT.done, error: '' });
    expect(fine.out).toMatch(/^ok +eviction +noeviction$/m);
    await cli.redisCommand('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const refused = await run('doctor');
    expect(refused).toMatchObject({ code: EXIT.failed, error: 'refused: eviction' });
    expect(refused.out).toMatch(/^refuse +eviction +maxmemory-policy is allkeys-lru/m);
    expect((await cli.json('doctor')).findings).toContainEqual(expect.objectContaining({ verdict: 'refuse' }));
    await cli.redisCommand('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  });
});
