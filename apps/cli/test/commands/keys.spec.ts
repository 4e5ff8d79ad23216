import { fileURLToPath } from 'node:url';
import { freePort, ServerProcess, waitFor } from '@millrace/testkit';
import { EXIT } from '../../src/errors.js';
import { Pipeline } from '../pipeline.js';
import { RunningCli } from '../running-cli.js';

let cli: RunningCli;

beforeAll(async () => {
  cli = await RunningCli.start();
});
afterAll(() => cli?.stop());

describe('millrace keys', () => {
  it('makes, lists, rotates and revokes keys; a token alone is shown, once', async () => {
    expect((await cli.run('keys list')).out).toBe('no keys in Redis');
    const made = await cli.run(
      'keys create shop --scopes publish --types order.*,refund --rate-limit 10/s --expires 90d',
    );
    expect(made.out).toMatch(/^mr_[a-z2-9]{10}_[\w-]{43}$/);
    const rotated = await cli.run('keys rotate shop --grace 3h');
    expect(rotated.out.slice(0, 14)).toBe(made.out.slice(0, 14));
    const [, row] = (await cli.run('keys list')).out.split('\n');
    expect(row).toMatch(/^shop +two tokens for 3 h +publish +\* +order\.\*,refund +10\/s +20\d\d-/);
    expect((await cli.run('keys revoke shop', { answer: () => 'n' })).code).toBe(EXIT.failed);
    expect((await cli.run('keys revoke shop --yes')).out).toBe('shop is revoked');
    expect((await cli.json('keys list')).keys).toEqual([]);
  });

  it('says where authentication is disabled, so that a key protects nothing', async () => {
    const port = await freePort();
    const open = new ServerProcess({
      name: 'console',
      program: process.execPath,
      args: [fileURLToPath(new URL('../../../console/dist/main.js', import.meta.url))],
      env: { PATH: process.env['PATH'], REDIS_URL: cli.redis.url, PORT: String(port), LOG_LEVEL: 'warn' },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitFor(isReady, { what: 'the console', timeoutMs: 30_000 });
    const made = await cli.run(`keys create open --scopes publish --url ${url}`);
    expect(made.out).toMatch(/^mr_/);
    expect(made.error).toMatch(/^authentication is disabled at this console/);
    await open.stop();
    expect((await cli.run('keys rotate open')).error).toBe('');
    await cli.run('keys revoke open --yes');
  });

  it.each([
    ['keys create b', EXIT.usage, /--scopes/],
    ['keys create b --scopes root', EXIT.failed, /scopes must be .*, got \["root"\]/],
    ['keys rotate nobody', EXIT.failed, /key "nobody" not found/i],
    ['keys revoke nobody --yes', EXIT.failed, /key "nobody" not found/i],
  ])('%s is refused', async (args, code, error) => {
    expect(await cli.run(args)).toMatchObject({ code, out: '', error: expect.stringMatching(error) });
  });

  it('lists all of them, also where they are more than a page of the API', async () => {
    const pipeline = new Pipeline(cli.redis.url);
    const { connections, keys } = pipeline.transport;
    const names = Array.from({ length: 1001 }, (_, n) => `k${1000 + n}`);
    await connections.requests.hset(keys.control('keys'), ...names.flatMap((name) => [name, '{}']));
    const { invalid, next } = await cli.json('keys list');
    expect([invalid.length, invalid[0], invalid.at(-1), next]).toEqual([
      1001,
      expect.stringContaining('"k1000"'),
      expect.stringContaining('"k2000"'),
      undefined,
    ]);
    await pipeline.transport.connections.requests.del(keys.control('keys'));
    await pipeline.close();
  });
});
