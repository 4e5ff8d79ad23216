import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../src/errors.js';
import { RunningCli } from '../running-cli.js';
import { Undertaker } from './dead-letters.js';

let cli: RunningCli;
let dead: Undertaker;
let folder: string;

beforeAll(async () => {
  cli = await RunningCli.start();
  dead = new Undertaker(cli.redis.url);
  await dead.register();
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
});
afterAll(async () => {
  await dead?.close();
  await cli?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await cli.run('dlq purge --all --yes');
});

const run = (args: string, ...more: readonly [Parameters<RunningCli['run']>[1]?]) => cli.run(args, ...more);
const newest = async (): Promise<string> => (await cli.json('dlq ls --limit 1')).deadLetters[0].id;

describe('millrace dlq', () => {
  it('lists, by filters, and shows one', async () => {
    expect((await run('dlq ls')).out).toBe('no dead letters');
    await dead.deadLetter(3);
    const lines = (await run('dlq ls')).out.split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/sink-a +0 +\d+-\d+ +topic:orders +order +1 +RangeError +too large$/);
    expect((await cli.json('dlq ls --limit 2')).deadLetters).toHaveLength(2);
    expect((await cli.json('dlq ls --error TypeError')).deadLetters).toEqual([]);
    expect((await cli.json('dlq ls --group sink-a --from 5m --to now')).deadLetters).toHaveLength(3);
    expect((await cli.json(['dlq', 'ls', '--text', '"n":1'])).deadLetters).toHaveLength(1);
    const { out } = await run(`dlq show sink-a 0 ${await newest()}`);
    expect(out).toMatch(/error +RangeError\nmessage +too large\n/);
    expect(out).toMatch(/"data": \{\n {4}"n": 2\n {2}\}/);
    expect(await run('dlq show sink-a 0 1-1')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/Dead letter not found/),
    });
  });

  it('counts them by group and error', async () => {
    expect((await run('dlq groups')).out).toBe('no dead letters');
    await dead.deadLetter(3);
    const [header, row] = (await run('dlq groups')).out.split('\n');
    expect(header).toMatch(/^group +error +dead +oldest +newest +from +newest message$/);
    expect(row).toMatch(/^sink-a +RangeError +3 +.* topic:orders +too large$/);
    expect(await cli.json('dlq groups --group sink-a')).toMatchObject({ total: 3, errors: [{ count: 3 }] });
  });

  it('marks counts that are not exact', async () => {
    await dead.deadLetter(1);
    await dead.copies(1200);
    const { out } = await run('dlq groups');
    expect(out).toMatch(/^sink-a +RangeError +at least 1000 /m);
    expect(out).toMatch(/^counted among the newest 1000 of 1201$/m);
    expect((await run('dlq purge --all --dry-run')).out).toBe('1201 dead letters match');
  });

  it('redrives what matches, after a dry run', async () => {
    await dead.deadLetter(30);
    expect((await run('dlq redrive --group sink-a --dry-run')).out).toBe('30 dead letters match');
    expect(await dead.count()).toBe(30);
    expect(await run('dlq redrive --error RangeError --per-second 1000 --yes')).toEqual({
      code: EXIT.done,
      out: '30 of 30 dead letters are redriven',
      error: '',
    });
    expect(await dead.deliver(30)).toHaveLength(30);
    expect((await cli.json('audit --limit 1')).entries).toMatchObject([{ action: 'redrive', detail: { matched: 30 } }]);
    expect((await run('audit --limit 1')).out).toMatch(/redrive +\{"id":/);
  });

  it('asks before it redrives, with the count, the rate and what is wrong with the target', async () => {
    expect(await run('dlq redrive --all', { answer: () => 'y' })).toMatchObject({
      code: EXIT.failed,
      error: 'no dead letter matches; nothing was started',
    });
    await dead.deadLetter(3);
    await run('sinks pause sink-a');
    let asked = '';
    const answer = (question: string) => {
      asked = question;
      return 'n';
    };
    const refused = await run('dlq redrive --all --per-second 9', { answer });
    expect(refused.error).toMatch(/sink-a: paused: what is sent is queued/);
    expect(asked).toContain('Redrive 3 dead letters, at most 9 a second?');
    expect(await run('dlq redrive --all')).toMatchObject({ code: EXIT.usage });
    expect(await dead.count()).toBe(3);
    await run('sinks resume sink-a');
    expect(await run('dlq redrive --all', { answer: () => 'y' })).toMatchObject({ code: EXIT.done });
    await dead.deliver(3);
  });

  it('shows how far it is on a terminal', async () => {
    await dead.deadLetter(20);
    const { error, out } = await run('dlq redrive --all --per-second 40 --yes', { isTerminal: true });
    expect(error).toMatch(/\rredriving \[=+-+\] \d+\/20/);
    expect(error.endsWith('\r\u001b[K')).toBe(true);
    expect(out).toBe('20 of 20 dead letters are redriven');
    await dead.deliver(20);
  });

  it('stops on Ctrl-C, and says where it stands', async () => {
    await dead.deadLetter(50);
    const { code, error, out } = await run('dlq redrive --all --per-second 10 --yes', {
      isTerminal: true,
      watch: (text, interrupt) => /\r\S+ \[/.test(text) && interrupt(),
    });
    expect(code).toBe(EXIT.interrupted);
    expect(out).toBe('');
    const [, redriven, left] = /stopped: (\d+) of 50 were redriven, the other (\d+) are still/.exec(error) ?? [];
    expect(Number(left)).toBe(50 - Number(redriven));
    expect(await dead.count()).toBe(Number(left));
    expect(Number(left)).toBeGreaterThan(0);
    await dead.deliver(Number(redriven));
  });

  it('redrives one as it was, or with another event', async () => {
    await dead.deadLetter(2);
    expect((await run(`dlq redrive sink-a 0 ${await newest()} --dry-run`)).out).toBe('1 dead letter matches');
    expect((await run(`dlq redrive sink-a 0 ${await newest()}`)).out).toBe('redriven to sink-a');
    const event = { specversion: '1.0', id: 'e0', source: '/s', type: 'order', data: { n: 'mended' } };
    await writeFile(join(folder, 'event.json'), JSON.stringify(event));
    expect((await run(`dlq redrive sink-a 0 ${await newest()} --event ${join(folder, 'event.json')}`)).code).toBe(0);
    const [first, second] = await dead.deliver(2);
    expect(JSON.parse(first?.event.json ?? '').data).toEqual({ n: 1 });
    expect(JSON.parse(second?.event.json ?? '')).toEqual(event);
  });

  it('lets its event be edited', async () => {
    await dead.deadLetter(1);
    const id = await newest();
    const unchanged = await run(`dlq redrive sink-a 0 ${id} --edit`, { env: { EDITOR: 'true' } });
    expect(unchanged).toMatchObject({ code: EXIT.failed, error: 'the event was not changed; nothing was sent' });
    const broken = await run(`dlq redrive sink-a 0 ${id} --edit`, { env: { EDITOR: 'false' } });
    expect(broken).toMatchObject({
      code: EXIT.usage,
      error: expect.stringMatching(/false ended with code 1; nothing was changed/),
    });
    const garbled = await run(`dlq redrive sink-a 0 ${id} --edit`, { env: { EDITOR: 'echo "{" >' } });
    expect(garbled).toMatchObject({ code: EXIT.usage, error: expect.stringMatching(/the edited event: not JSON/) });
    expect(await dead.count()).toBe(1);
    const edited = await run(`dlq redrive sink-a 0 ${id} --edit`, { env: { EDITOR: `sed -i 's/"n": 0/"n": 1000/'` } });
    expect(edited).toMatchObject({ code: EXIT.done });
    const [delivery] = await dead.deliver(1);
    expect(JSON.parse(delivery?.event.json ?? '').data).toEqual({ n: 1000 });
  });

  it('purges what matches, after asking', async () => {
    await dead.deadLetter(3);
    expect((await run('dlq purge --all --dry-run')).out).toBe('3 dead letters match');
    const asked: string[] = [];
    const answer = (text: string) => (question: string) => {
      asked.push(question);
      return text;
    };
    expect(await run('dlq purge --group sink-a', { answer: answer('') })).toMatchObject({
      code: EXIT.failed,
      error: 'nothing changed',
    });
    expect(await run('dlq purge --group sink-a')).toMatchObject({
      code: EXIT.usage,
      error: expect.stringMatching(/pass --yes/),
    });
    expect(await dead.count()).toBe(3);
    expect((await run('dlq purge --group sink-a', { answer: answer('y') })).out).toBe('3 dead letters are deleted');
    expect(asked).toEqual(Array(2).fill('Delete 3 dead letters permanently? [y/N] '));
  });

  it('shows nothing raw of what an event holds', async () => {
    const hostile = '\u001b]0;title\u0007\u009b2J\u202e';
    await dead.deadLetter(1, { type: `t${hostile}`, data: { [hostile]: hostile } });
    const around = { isTerminal: true, env: { NO_COLOR: '1' } };
    for (const args of ['dlq ls', 'dlq ls --json', `dlq show sink-a 0 ${await newest()}`, 'dlq groups']) {
      const { code, out } = await run(args, around);
      expect(code).toBe(EXIT.done);
      expect(out.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
    }
  });

  it.each([
    ['dlq redrive', EXIT.usage, /which dead letters\? Give a filter, as --group, or --all/],
    ['dlq purge --yes', EXIT.usage, /which dead letters\?/],
    ['dlq redrive --all --group a', EXIT.usage, /--all cannot be combined with a filter/],
    ['dlq redrive sink-a', EXIT.usage, /named by group, partition and id/],
    ['dlq redrive --all --edit', EXIT.usage, /--edit and --event are for one/],
    ['dlq redrive --all --per-second 0', EXIT.usage, /expected a whole number from 1/],
    ['dlq redrive sink-a 0 1-1', EXIT.failed, /Dead letter not found/],
    ['dlq redrive sink-a 0 1-1 --edit --event x', EXIT.usage, /not both/],
    ['dlq ls --from yesterday', EXIT.usage, /"yesterday" is not a time/],
    ['dlq ls --colour red', EXIT.usage, /unknown option '--colour'/],
    ['dlq', EXIT.usage, /Usage: millrace dlq/],
  ])('%s is refused in a sentence', async (args, code, error) => {
    expect(await run(args)).toMatchObject({ code, out: '', error: expect.stringMatching(error) });
  });
});
