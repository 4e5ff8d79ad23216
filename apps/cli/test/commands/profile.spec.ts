import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../src/errors.js';
import { type Around, KEY, type Ran, RunningCli } from '../running-cli.js';

let cli: RunningCli;
let folder: string;
/** Another host, which is not to learn the key. */
let other: Server;
let seen: (string | undefined)[];

beforeAll(async () => {
  cli = await RunningCli.start();
  other = createServer((request, response) => {
    seen.push(request.headers['x-api-key'] as string | undefined);
    response.end('{"sinks":[]}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => other.close(resolve));
  await cli?.stop();
});
beforeEach(async () => {
  seen = [];
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Without what the environment says, so that profiles count. */
const run = (args: string, { env, ...around }: Around = {}): Promise<Ran> =>
  cli.run(args, { ...around, env: { MILLRACE_URL: '', MILLRACE_API_KEY: '', XDG_CONFIG_HOME: folder, ...env } });
const file = (): string => join(folder, 'millrace.json');
const stored = async () => JSON.parse(await readFile(file(), 'utf8'));
const otherUrl = (): string => `http://127.0.0.1:${(other.address() as AddressInfo).port}`;

describe('millrace profile', () => {
  it('keeps an address and a key where nobody else reads them', async () => {
    expect(await run('profile ls')).toEqual({ code: EXIT.done, out: 'no profiles', error: '' });
    const set = await run(`profile set prod --url ${cli.url} --key-stdin`, { input: `${KEY}\n` });
    expect(set).toMatchObject({ code: EXIT.done, out: `prod is ${cli.url}, with a key, in ${file()}` });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await stored()).toEqual({ profiles: { prod: { url: cli.url, key: KEY } } });
    expect((await run('sinks ls --profile prod')).code).toBe(EXIT.done);
    expect((await run('sinks ls', { env: { MILLRACE_PROFILE: 'prod' } })).code).toBe(EXIT.done);
    const { out } = await run('profile ls');
    expect(out).toContain(cli.url);
    expect(out + (await run('profile ls --json')).out + set.out).not.toContain(KEY);
  });

  it('uses one where none is named, and forgets it', async () => {
    await run(`profile set prod --url ${cli.url} --key ${KEY}`);
    const nowhere = { MILLRACE_URL: 'http://127.0.0.1:59999' };
    expect((await run('profile use prod')).out).toBe('prod is in use');
    expect((await run('sinks ls')).code).toBe(EXIT.done);
    expect((await run('sinks ls', { env: nowhere })).code).toBe(EXIT.unavailable);
    expect((await cli.json('profile ls', { env: { XDG_CONFIG_HOME: folder } })).profiles).toEqual([
      { name: 'prod', url: cli.url, hasKey: true, isCurrent: true },
    ]);
    expect((await run('profile rm prod')).out).toBe('prod deleted');
    expect(await stored()).toEqual({ profiles: {} });
    expect((await run('profile use')).out).toBe('no profile is in use');
  });

  it('sends its key to its own address alone', async () => {
    await run(`profile set prod --url ${cli.url} --key ${KEY}`);
    await run('profile use prod');
    expect((await run(`sinks ls --url ${otherUrl()}`)).code).toBe(EXIT.done);
    expect((await run(`sinks ls --profile prod --url ${otherUrl()}`)).code).toBe(EXIT.done);
    expect((await run('sinks ls', { env: { MILLRACE_URL: otherUrl() } })).code).toBe(EXIT.done);
    expect(seen).toEqual([undefined, undefined, undefined]);
    await run(`profile set prod --url ${otherUrl()}`);
    expect(await stored()).toMatchObject({ profiles: { prod: { url: otherUrl() } } });
    await run('sinks ls');
    expect(seen.at(-1)).toBeUndefined();
  });

  it('asks for the key at a terminal, and keeps the one before if nothing is typed', async () => {
    const asked: string[] = [];
    const answer = (text: string) => (question: string) => {
      asked.push(question);
      return text;
    };
    await run(`profile set prod --url ${cli.url}`, { answer: answer(KEY) });
    await run(`profile set prod --url ${cli.url}`, { answer: answer('') });
    expect(asked).toEqual(['API key of prod (nothing: none): ', 'API key of prod (nothing: as before): ']);
    expect((await stored()).profiles.prod.key).toBe(KEY);
    await run('profile set prod --without-key');
    expect((await stored()).profiles.prod).toEqual({ url: cli.url });
  });

  it.each([
    ['profile set prod', /where is prod\? Give its address with --url/],
    ['profile set prod --url nowhere', /--url must be a URL such as .*, got "nowhere"/],
    ['profile set ../prod --url http://a', /"\.\.\/prod" is not a valid profile name/],
    ['profile set prod --url http://a --key-stdin', /standard input holds no key/],
    ['profile set prod --url http://a --key b --without-key', /give only one of --key/],
    ['profile use nobody', /there is no profile "nobody"/],
    ['profile rm nobody', /there is no profile "nobody"/],
    ['sinks ls --profile nobody', /there is no profile "nobody"/],
    ['profile set', /missing required argument 'name'/],
  ])('%s is refused', async (args, error) => {
    expect(await run(args)).toMatchObject({ code: EXIT.usage, out: '', error: expect.stringMatching(error) });
  });

  it.each([
    ['{', /not JSON/],
    ['[]', /expected \{"current"/],
    ['{"profiles":{"a":"b"}}', /expected \{"current"/],
    ['{"current":5}', /expected \{"current"/],
  ])('a file that is %s is refused, but for commands that need none', async (text, error) => {
    await writeFile(file(), text);
    expect(await run('sinks ls')).toMatchObject({ code: EXIT.usage, error: expect.stringMatching(error) });
    expect((await run('completion bash')).code).toBe(EXIT.done);
  });
});
