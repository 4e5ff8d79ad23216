import { EXIT } from '../../src/errors.js';
import { eventOf, Pipeline } from '../pipeline.js';
import { RunningCli } from '../running-cli.js';

let cli: RunningCli;
let pipeline: Pipeline;

beforeAll(async () => {
  cli = await RunningCli.start();
  pipeline = new Pipeline(cli.redis.url);
  await pipeline.registerTopics('orders');
  await pipeline.registerGroup('sink-a', 'topic:orders');
  const events = Array.from({ length: 60 }, (_, n) => eventOf(`e${n}`, { type: n % 2 ? 'refund' : 'order.paid' }));
  await pipeline.append('topic:orders', ...events);
});
afterAll(async () => {
  await pipeline?.close();
  await cli?.stop();
});

const run = (args: string, ...more: readonly [Parameters<RunningCli['run']>[1]?]) => cli.run(args, ...more);

describe('millrace replay', () => {
  it('counts first, and then sends what is in the range', async () => {
    const ask = 'replay orders --sink sink-a --from 1h';
    expect((await run(`${ask} --dry-run`)).out).toBe('60 of 60 events match');
    expect((await run(`${ask} --dry-run --pattern {"type":["refund"]}`)).out).toBe('30 of 60 events match');
    expect(await run(`${ask} --pattern {"type":["refund"]} --per-second 10000 --yes`)).toEqual({
      code: EXIT.done,
      out: '30 events were sent to sink-a again, of 60 in the range',
      error: expect.stringMatching(/^replay \S+ started$/),
    });
    const { replays } = await cli.json('replay ls');
    expect(replays).toMatchObject([{ topic: 'orders', sink: 'sink-a', state: 'done', sent: 30 }]);
    expect((await run('replay ls')).out).toMatch(/^\S+ +done +orders +sink-a +30 +60 /m);
    const { out } = await run(`replay show ${replays[0].id}`);
    expect(out).toMatch(/^state +done$/m);
    expect(out).toMatch(/^pattern +\{"type":\["refund"\]\}$/m);
  });

  it('is paused by Ctrl-C, and goes on from there', async () => {
    const { code, error } = await run('replay start orders --sink sink-a --per-second 20 --yes', {
      isTerminal: true,
      watch: (text, interrupt) => /\rreplaying/.test(text) && interrupt(),
    });
    expect(code).toBe(EXIT.interrupted);
    expect(error).toContain('\rreplaying [');
    const [, id] =
      /paused after \d+ were sent, at \d+ of about 60: millrace replay resume (\S+), or cancel/.exec(error) ?? [];
    expect((await cli.json(`replay show ${id}`)).state).toBe('paused');
    expect((await run(`replay resume ${id}`)).out).toMatch(/^state +running$/m);
    expect((await run(`replay pause ${id}`)).out).toMatch(/^state +paused$/m);
    await run(`replay resume ${id}`);
    expect((await run(`replay show ${id} --wait`)).out).toBe('60 events were sent to sink-a again, of 60 in the range');
  });

  it('asks first, with the count, the rate and what is wrong with the target; --yes is for scripts', async () => {
    const ask = 'replay orders --sink sink-a --per-second 7 --detach';
    const before = (await cli.json('replay ls')).replays.length;
    await run('sinks pause sink-a');
    let asked = '';
    const answer = (question: string) => {
      asked = question;
      return 'n';
    };
    const refused = await run(ask, { answer });
    expect(refused).toMatchObject({ code: EXIT.failed, error: expect.stringMatching(/nothing changed/) });
    expect(refused.error).toMatch(/60 of 60 events match\nsink-a: paused: what is sent is queued until it is resumed/);
    expect(asked).toContain('Send 60 events of orders to sink-a again, at most 7 a second?');
    expect(await run(ask)).toMatchObject({ code: EXIT.usage });
    expect(await run(`${ask} --from 1d --to 20h --yes`)).toMatchObject({
      code: EXIT.failed,
      error: 'No events in this range; nothing was started',
    });
    expect(await run(`${ask} --from 1d --to 20h`)).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/no event matches; nothing was started/),
    });
    expect((await cli.json('replay ls')).replays.length).toBe(before);
    await run('sinks resume sink-a');
  });

  it('is cancelled for good', async () => {
    const started = await cli.json('replay orders --sink sink-a --per-second 1 --detach --yes');
    expect((await run(`replay cancel ${started.id}`)).out).toBe(`replay ${started.id} is cancelled`);
    expect((await cli.json(`replay show ${started.id}`)).state).toBe('cancelled');
    expect(await run(`replay resume ${started.id}`)).toMatchObject({
      code: EXIT.failed,
      error: 'This replay is cancelled',
    });
  });

  it.each([
    ['replay orders', EXIT.usage, /required option '--sink <name>'/],
    ['replay nowhere --sink sink-a', EXIT.failed, /topic "nowhere" not found/i],
    ['replay orders --sink nobody', EXIT.failed, /Sink "nobody" not found/],
    ['replay show none', EXIT.failed, /Replay "none" not found/],
    ['replay', EXIT.usage, /required option '--sink <name>'/],
    ['replay --sink sink-a', EXIT.usage, /missing required argument 'topic'/],
  ])('%s is refused', async (args, code, error) => {
    expect(await run(args)).toMatchObject({ code, out: '', error: expect.stringMatching(error) });
  });
});
