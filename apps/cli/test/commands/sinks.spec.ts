import { stripVTControlCharacters } from 'node:util';
import { itOnRealRedis, TcpProxy, waitFor } from '@millrace/testkit';
import { EXIT } from '../../src/errors.js';
import { eventOf, Pipeline } from '../pipeline.js';
import { READING_KEY, RunningCli } from '../running-cli.js';

const ESC = '\u001b';

let cli: RunningCli;
let pipeline: Pipeline;

beforeAll(async () => {
  cli = await RunningCli.start();
  pipeline = new Pipeline(cli.redis.url);
  await pipeline.registerTopics('orders');
  await pipeline.registerGroup('sink-a', 'topic:orders');
  await cli.redisCommand('XGROUP', 'CREATE', 'mr:{p0}:topic:orders', 'sink-a', '0', 'MKSTREAM');
  await pipeline.append('topic:orders', ...Array.from({ length: 12 }, (_, n) => eventOf(`e${n}`)));
});
afterAll(async () => {
  await pipeline?.close();
  await cli?.stop();
});

const run = (args: string, ...more: readonly [Parameters<RunningCli['run']>[1]?]) => cli.run(args, ...more);

describe('millrace sinks', () => {
  it('lists them, and shows one', async () => {
    expect((await run('sinks ls')).out).toMatch(/^sink-a +reads +12 +0 +0 +0 +\d+ \S+ +\d+ \S+ +topic:orders$/m);
    expect((await run('sinks show sink-a')).out).toMatch(/^unread +12$/m);
    expect(await run('sinks show nobody')).toMatchObject({
      code: EXIT.failed,
      error: 'Sink "nobody" not found',
    });
  });

  it('pauses and resumes them', async () => {
    expect((await run('sinks pause sink-a')).out).toBe('sink-a is paused; 12 events are queued for it');
    expect((await run('sinks ls')).out).toMatch(/^sink-a +paused /m);
    expect((await cli.json('sinks show sink-a')).paused).toMatchObject({ at: expect.any(Number) });
    expect((await run('sinks resume sink-a')).out).toBe('sink-a reads again; 12 events are queued for it');
    expect((await cli.json('sinks show sink-a')).paused).toBeNull();
  });

  it('are not paused by somebody who may only look', async () => {
    const env = { MILLRACE_API_KEY: READING_KEY };
    expect((await run('sinks ls', { env })).code).toBe(EXIT.done);
    expect(await run('sinks pause sink-a', { env })).toMatchObject({
      code: EXIT.failed,
      error: 'This API key has the role "read"; this requires "operate"',
    });
  });

  it('forgets those that are gone', async () => {
    const gone = JSON.stringify({ group: 'sink-gone', hop: 'sink-gone', streams: ['topic:orders'], seenAt: 1 });
    await cli.redisCommand('HSET', 'mr:{ctl}:sinks', 'sink-gone', gone);
    await waitFor(async () => /^sink-gone +no heartbeat /m.test((await run('sinks ls')).out), {
      what: 'it to be listed',
    });
    expect(await run('sinks forget sink-a')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/had a heartbeat within the last minute/),
    });
    const held = '12 undelivered events, 0 scheduled for retry and 0 dead letters';
    await cli.redisCommand('XGROUP', 'CREATE', 'mr:{p0}:topic:orders', 'sink-gone', '0');
    expect(await run('sinks forget sink-gone --discard')).toMatchObject({ code: EXIT.usage });
    expect(await run('sinks forget sink-gone --yes')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/has 12 undelivered events.*discard=true/),
    });
    expect((await run('doctor')).out).toMatch(
      /the group sink-gone had its last heartbeat at 1970-.* and holds 12 events, about \S+ MiB; .*millrace sinks forget sink-gone/,
    );
    let asked = '';
    const answer = (question: string) => {
      asked = question;
      return 'yes';
    };
    expect((await run('sinks forget sink-gone', { answer })).out).toBe(`sink-gone forgotten; discarded ${held}`);
    expect(asked).toContain(`Forget sink-gone, and discard ${held}?`);
    await waitFor(async () => !(await run('sinks ls')).out.includes('sink-gone'), { what: 'it to be gone' });
  });
});

describe('millrace lag', () => {
  it('tells what is not settled, and fails where it is too much', async () => {
    expect((await run('lag')).out).toMatch(/^sink-a +sink-a +12 +12 +0 +0 +\d+ /m);
    expect((await run('lag --over 12')).code).toBe(EXIT.done);
    expect(await run('lag --over 11')).toMatchObject({ code: EXIT.failed, error: 'over 11: sink-a has 12' });
    expect((await cli.json('lag --group sink-a')).groups).toMatchObject([{ group: 'sink-a', unsettled: 12 }]);
    expect(await run('lag --group nobody')).toMatchObject({
      code: EXIT.failed,
      error: 'consumer group "nobody" not found',
    });
    expect(await run('lag --over much')).toMatchObject({ code: EXIT.usage });
  });
});

describe('millrace top', () => {
  it('shows topics and sinks once where no terminal is', async () => {
    const { out, code } = await run('top');
    expect(code).toBe(EXIT.done);
    expect(out).toMatch(/^orders +0 +12 /m);
    expect(out).toMatch(/^sink-a +0 +12 +0 +0 +0 /m);
    expect((await cli.json('top --once')).topics).toContainEqual(
      expect.objectContaining({ name: 'orders', perSecond: 0, length: 12 }),
    );
  });

  itOnRealRedis('tells how many came and were done in a second', async () => {
    let isAdded = false;
    const rates = cli.json('top --once --interval 2', {});
    const added = pipeline
      .append('topic:orders', ...Array.from({ length: 100 }, (_, n) => eventOf(`r${n}`)))
      .then(() => {
        isAdded = true;
      });
    const { topics } = await rates;
    await added;
    expect(isAdded).toBe(true);
    // Whether they came before the first look is not ours to say.
    const { perSecond, length } = topics.find(({ name }: { name: string }) => name === 'orders');
    expect(length).toBe(112);
    // All of them in at least two seconds.
    if (perSecond !== 0) expect(perSecond).toBeGreaterThan(0);
    expect(perSecond).toBeLessThanOrEqual(50);
  });

  it('goes on while the console is away', async () => {
    const between = await TcpProxy.to(Number(new URL(cli.url).port));
    const seen: string[] = [];
    const { code } = await run(`top --url http://127.0.0.1:${between.port}`, {
      isTerminal: true,
      watch: (text, interrupt) => {
        const isAway = text.includes('is unreachable');
        seen.push(isAway ? 'away' : 'there');
        if (seen.length === 1) void between.refuse();
        else if (isAway && seen.at(-2) === 'there') void between.accept();
        else if (!isAway && seen.includes('away')) interrupt();
      },
    });
    await between.close();
    expect(code).toBe(EXIT.done);
    expect(seen[0]).toBe('there');
    expect(seen).toContain('away');
    expect(seen.at(-1)).toBe('there');
  });

  it('draws over what it drew on a terminal, until Ctrl-C, within its size', async () => {
    let drawn = 0;
    const { out, code } = await run('top', {
      isTerminal: true,
      size: { columns: 50, rows: 8 },
      watch: (_, interrupt) => {
        drawn += 1;
        if (drawn === 2) interrupt();
      },
    });
    expect(code).toBe(EXIT.done);
    const [first = '', second = ''] = out.split(/(?<=\[J)/);
    expect(first.match(/\n/g)).toHaveLength(7);
    expect(second.startsWith(`\r${ESC}[7A`)).toBe(true);
    const lines = stripVTControlCharacters(first).split('\n');
    for (const one of lines) expect(one.length).toBeLessThanOrEqual(50);
  });
});
