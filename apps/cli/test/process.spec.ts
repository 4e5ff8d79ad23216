import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOnPath, waitFor } from '@millrace/testkit';
import { EXIT } from '../src/errors.js';
import { Undertaker } from './commands/dead-letters.js';
import { PROGRAM, RunningCli } from './running-cli.js';

let cli: RunningCli;
let folder: string;

beforeAll(async () => {
  cli = await RunningCli.start();
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
});
afterAll(async () => {
  await cli?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A process and what it has written so far. */
class Running {
  out = '';
  error = '';
  private readonly child: ChildProcess;

  constructor(program: string, args: readonly string[], env: Record<string, string> = {}) {
    const environment = { PATH: process.env['PATH'], ...cli.env, XDG_CONFIG_HOME: folder, TERM: 'xterm', ...env };
    this.child = spawn(program, args, { env: environment, stdio: 'pipe' });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.error += text;
    });
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Its standard input ends. */
  close(): void {
    this.child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(): Promise<number | null> {
    const [code] = await once(this.child, 'close');
    return code as number | null;
  }
}

const millrace = (...args: string[]): Running => new Running(process.execPath, [PROGRAM, ...args]);
/** In a terminal of its own. */
const inTerminal = (args: string, env: Record<string, string> = {}): Running =>
  new Running('script', ['-qec', `${process.execPath} ${PROGRAM} ${args}`, '/dev/null'], env);

const itInTerminal = programOnPath('script') === undefined ? it.skip : it;

describe('the program', () => {
  it.each([
    [['doctor'], EXIT.done],
    [['sinks', 'show', 'nobody'], EXIT.failed],
    [['paint'], EXIT.usage],
    [['routes', 'validate', 'nowhere.yaml'], EXIT.usage],
    [['sinks', 'ls', '--url', 'http://127.0.0.1:59999'], EXIT.unavailable],
    [['publish', '--type', 'a', '--patience', '0'], EXIT.unavailable],
  ])('%j ends with %d', async (args, code) => {
    const running = millrace(...args);
    expect(await running.end()).toBe(code);
    expect(running.error).not.toMatch(/\n {4}at /);
  });

  it('ends quietly when nobody reads on', async () => {
    const shell = `${process.execPath} ${PROGRAM} completion fish | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const running = new Running('bash', ['--norc', '-c', shell]);
    await running.end();
    expect(running).toMatchObject({ out: '# millrace completion fish\n0\n', error: '' });
  });

  it('reads standard input', async () => {
    const running = millrace('routes', 'validate', '-');
    running.type('routes: [{ name: a, pattern: { type: [b] }, topics: [c] }]');
    running.close();
    expect(await running.end()).toBe(EXIT.done);
    expect(running.out).toBe('-: 1 routes, all valid\n');
  });

  it('stops a redrive on SIGINT', async () => {
    const dead = new Undertaker(cli.redis.url);
    await dead.register();
    await dead.deadLetter(100);
    const running = millrace('dlq', 'redrive', '--all', '--per-second', '10', '--yes');
    await waitFor(async () => (await dead.count()) < 100, { what: 'the redrive to begin' });
    running.kill('SIGINT');
    expect(await running.end()).toBe(EXIT.interrupted);
    expect(running.error).toMatch(/^stopped: \d+ of 100 were redriven, the other \d+ are still dead letters\n$/);
    expect(await dead.count()).toBeGreaterThan(0);
    await dead.close();
  });

  itInTerminal('has colours in a terminal, unless NO_COLOR says otherwise (needs script)', async () => {
    const coloured = inTerminal('doctor');
    await coloured.end();
    expect(coloured.out).toContain('\u001b[32mok\u001b[0m');
    const plain = inTerminal('doctor', { NO_COLOR: '1' });
    await plain.end();
    expect(plain.out).toMatch(/^ok /m);
    expect(plain.out).not.toContain('\u001b');
  });

  itInTerminal('asks for a key without showing it (needs script)', async () => {
    const running = inTerminal('profile set prod --url http://127.0.0.1:59999');
    await waitFor(() => running.out.includes('API key of prod'), { what: 'the question' });
    running.type('a-secret-of-sixteen-characters\r');
    expect(await running.end()).toBe(EXIT.done);
    expect(running.out).toContain('with a key');
    expect(running.out).not.toContain('secret');
    expect(await readFile(join(folder, 'millrace.json'), 'utf8')).toContain('a-secret-of-sixteen-characters');
  });

  itInTerminal('is ended by Ctrl-C while it asks (needs script)', async () => {
    const running = inTerminal('profile set prod --url http://127.0.0.1:59999');
    await waitFor(() => running.out.includes('API key of prod'), { what: 'the question' });
    running.type('\u0003');
    expect(await running.end()).toBe(EXIT.interrupted);
  });
});
