import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  describeOnRealRedis,
  programOnPath,
  type Receiver,
  ServerProcess,
  startReceiver,
  waitFor,
} from '@millrace/testkit';
import { pathOf } from '../repository.js';
import { scriptsOfCli } from './command-line.js';
import { blocksOf, GUIDES } from './pages.js';

/** What a reader has in a clone: npx finds the command line there. A request that is refused ends the block. */
const SHELL = `
set -Eeuo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
npx() { shift; node ${pathOf('apps/cli/bin/millrace.js')} "$@"; }
millrace() { npx millrace "$@"; }
curl() { command curl --silent --fail-with-body "$@"; }
redis-cli() { command redis-cli -u "$REDIS_URL" "$@"; }
`;

const missing = ['curl', 'jq', 'openssl', 'redis-cli'].find((program) => programOnPath(program) === undefined);
const describeFollowed = (name: string, body: () => void): void =>
  missing === undefined ? describeOnRealRedis(name, body) : describe.skip(`${name} (needs ${missing})`, body);

describeFollowed('whoever follows the pages with `npm start` running', () => {
  let folder: string;
  let started: ServerProcess;
  let receiver: Receiver;
  /** Blocks that were run, by their page and line. */
  const followed = new Set<string>();
  let urls: { readonly gateway: string; readonly console: string; readonly redis: string };

  /** The n-th block of a page in a language. */
  const block = (page: string, language: string, n: number): string => {
    const found = blocksOf(page).filter((one) => one.language === language)[n];
    if (found === undefined) throw new Error(`${page} has no block ${n} of ${language}`);
    return found.text;
  };
  const run = async (text: string): Promise<string> => {
    const script = text
      .replaceAll('http://127.0.0.1:8080', urls.gateway)
      .replace('MILLRACE_API_KEY=…', 'MILLRACE_API_KEY=a-key-of-16-characters')
      .replaceAll(/http:\/\/127.0.0.1:8090|https:\/\/millrace.example.com/g, urls.console)
      .replaceAll('https://billing.example.com/', receiver.url);
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      NO_COLOR: '1',
      CONSOLE: urls.console,
      MILLRACE_URL: urls.console,
      REDIS_URL: urls.redis,
    };
    return (await promisify(execFile)('bash', ['-c', SHELL + script], { cwd: folder, env })).stdout;
  };
  /** Runs a block as it is on the page. */
  const follow = (page: string, n = 0): Promise<string> => {
    const text = block(page, 'sh', n);
    followed.add(`${page}\n${text}`);
    return run(text);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-followed-'));
    receiver = await startReceiver({ secret: 'whsec_c2VjcmV0', respond: () => ({ status: 204 }) });
    const lines: string[] = [];
    started = new ServerProcess({
      name: 'npm start',
      program: process.execPath,
      args: [pathOf('tools/local/dist/main.js'), '--no-feed', '--free-ports'],
      env: { PATH: process.env.PATH, NO_COLOR: '1' },
      stopSignal: 'SIGTERM',
      guardSignal: 'TERM',
      onLine: (line) => lines.push(line),
    });
    urls = await waitFor(
      () => {
        if (!started.running) throw new Error(started.obituary());
        const said = lines.join('\n');
        const [, consoleUrl] = / Look +(\S+)/.exec(said) ?? [];
        const [, gateway] = /curl (\S+)\/v1\/events/.exec(said) ?? [];
        const [, redis] = /redis-cli -u (\S+)/.exec(said) ?? [];
        if (consoleUrl === undefined || gateway === undefined || redis === undefined) return undefined;
        return { gateway, console: consoleUrl, redis };
      },
      { what: 'npm start to say where to look', timeoutMs: 90_000, everyMs: 100 },
    );
  }, 120_000);
  afterAll(async () => {
    await started?.stop(30_000);
    await receiver?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('sends the first event, and finds it in its topic', async () => {
    expect(await follow('README.md', 1)).toContain('"accepted":1');
    const look = block('README.md', 'sh', 1).split('\n').at(-2) ?? '';
    await waitFor(async () => (await run(look)).includes('github.push'), { what: 'the event in the topic pushes' });
  });

  it('publishes a route of its own, and enforces a schema', async () => {
    await writeFile(join(folder, 'routes.yaml'), block('docs/routes.md', 'yaml', 0));
    expect(await follow('docs/routes.md', 0)).toContain('all valid');
    await follow('docs/routes.md', 1);
    const send = (id: string, amount: string): Promise<string> =>
      run(`curl http://127.0.0.1:8080/v1/events -H 'content-type: application/json' \\
        -d '{"id":"${id}","source":"/shop/1","type":"order.paid","data":{"amount":${amount}}}'`);
    await waitFor(
      async () => (await send(`bad-${performance.now()}`, '"a lot"').catch((error) => error.stdout)).includes('amount'),
      {
        what: 'the gateway to refuse what the schema does',
      },
    );
    const arrived = async (): Promise<boolean> => {
      await send(`order-${performance.now()}`, '1200');
      return (await run('npx millrace topics events orders --json')).includes('order.paid');
    };
    await waitFor(arrived, { what: 'the router to follow the route', everyMs: 200 });
    expect(await send('order-4711', '1200')).toContain('"accepted":1');
  });

  it('looks after it', async () => {
    const traced = async (): Promise<boolean> => (await follow('docs/when-something-failed.md')).includes('finance');
    await waitFor(traced, { what: 'the trace of an order', everyMs: 200 });
    for (const n of [0, 1, 2]) await follow('docs/runbooks.md', n);
    await follow('docs/sinks/timeseries.md');
    await follow('docs/operating.md', 0);
    await follow('docs/operating.md', 1);
  });

  it('makes keys', async () => {
    expect(await follow('docs/security.md', 0)).toMatch(/mr_/);
    expect(await follow('docs/security.md', 1)).toMatch(/^API_KEYS=sha256:[0-9a-f]{64}$/m);
  });

  it('appends an event without a gateway', async () => {
    await follow('docs/alone.md', 1);
    expect(await run('npx millrace topics events orders --json')).toContain('"id": "1"');
  });

  it('finds that every example of the command line works', async () => {
    const event = {
      id: 'order-4711',
      source: '/shop/1',
      type: 'order.paid',
      subject: 'customer-7',
      data: { amount: 1200 },
    };
    const order = { specversion: '1.0', ...event };
    await writeFile(join(folder, 'event.json'), JSON.stringify(order));
    await writeFile(join(folder, 'pattern.json'), '{"type":["order.paid"]}');
    await writeFile(join(folder, 'endpoint.yaml'), `url: ${receiver.url}\ntopics: [orders]\n`);
    await writeFile(
      join(folder, 'schemas.yaml'),
      'schemas: [{ type: order.paid, mode: warn, versions: { 1: { type: object } } }]',
    );
    const orders = Array.from({ length: 50 }, (_, n) => JSON.stringify({ ...order, id: `order-${n}` }));
    await writeFile(join(folder, 'events.ndjson'), [JSON.stringify(order), ...orders].join('\n'));
    await run('millrace publish events.ndjson');
    const traced = () => follow('apps/cli/README.md', 1).then((text) => text.includes('finance'));
    await waitFor(traced, { what: 'the trace of the order', timeoutMs: 60_000, everyMs: 200 });
    const runs = await Promise.allSettled(scriptsOfCli().map(run));
    expect(runs.filter(({ status }) => status === 'rejected')).toEqual([]);
  }, 600_000);

  it('runs every block that says so', () => {
    const marked = GUIDES.flatMap(blocksOf).filter(({ language, marks }) => language === 'sh' && marks === 'run');
    const left = marked.filter(({ page, text }) => page !== 'docs/cli.md' && !followed.has(`${page}\n${text}`));
    expect(left.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});
