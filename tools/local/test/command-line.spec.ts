import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeOnRealRedis, freePort, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { githubEvents } from '../src/feed/github-events.js';
import { versionInForce } from '../src/stack/first-routes.js';
import { Service } from '../src/stack/service.js';

const MILLRACE = fileURLToPath(new URL('../../../apps/cli/bin/millrace.js', import.meta.url));
const BEFORE =
  'routes:\n  - { name: github-activity, pattern: { type: [{ wildcard: "github.*.*" }] }, topics: [github] }\n';
const AFTER = 'routes:\n  - { name: github-activity, pattern: { type: [{ prefix: github. }] }, topics: [github] }\n';

describeOnRealRedis('an event that was not delivered, with the command line alone', () => {
  let redis: RedisServer;
  let folder: string;
  let consoleUrl: string;
  let routerUrl: string;
  const services: Service[] = [];

  const start = async (name: string, env: Record<string, string> = {}): Promise<string> => {
    const all = { REDIS_URL: redis.url, LOG_LEVEL: 'warn', ...env };
    const service = new Service({ name, port: await freePort(), env: all }, () => undefined);
    services.push(service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
    return service.url;
  };
  const millrace = async (...args: readonly string[]): Promise<string> => {
    const env = { ...process.env, MILLRACE_URL: consoleUrl, NO_COLOR: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, [MILLRACE, ...args], { env });
    return stdout;
  };
  const json = async (...args: readonly string[]) => JSON.parse(await millrace(...args, '--json'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-command-line-'));
    await writeFile(join(folder, 'before.yaml'), BEFORE);
    await writeFile(join(folder, 'after.yaml'), AFTER);
    redis = await startRedis();
    const gatewayUrl = await start('gateway');
    [routerUrl, consoleUrl] = await Promise.all([
      start('router'),
      start('console', { GATEWAY_URL: gatewayUrl }),
      start('sink-files', { DIRECTORY: join(folder, 'files') }),
    ]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is found, its route mended, and it is routed again', async () => {
    const put = await json('routes', 'put', join(folder, 'before.yaml'));
    expect(put.version).toBe(1);
    await waitFor(async () => (await versionInForce(routerUrl)) === 1, { what: 'the router to have the route' });
    const ping = githubEvents('a-run').find(({ event }) => event.type === 'github.ping')?.event;
    if (ping === undefined) throw new Error('the sample has no ping');
    await writeFile(join(folder, 'ping.json'), JSON.stringify(ping));
    await millrace('publish', join(folder, 'ping.json'));
    const name = [String(ping.source), String(ping.id)] as const;
    const traced = await waitFor(
      async () => {
        const trace = await json('trace', ...name);
        return trace.routing.state === 'done' && trace.topics[0]?.sinks[0]?.state === 'done' && trace;
      },
      { what: 'the event to be routed and delivered as unrouted', everyMs: 200 },
    );
    expect(traced.topics).toMatchObject([{ topic: 'unrouted' }]);

    // Why: the only route wants three parts in the type.
    const told = await millrace('trace', ...name);
    expect(told).toMatch(/unrouted/);
    expect(told).toMatch(/github-activity[\s\S]*type[\s\S]*github\.\*\.\*[\s\S]*"github\.ping"/);

    await millrace('routes', 'put', join(folder, 'after.yaml'));
    const at = traced.topics[0].streamId as string;
    expect(await json('routes', 'test', '{"type":[{"prefix":"github."}]}', JSON.stringify(ping))).toMatchObject({
      result: true,
    });
    await waitFor(
      async () => {
        // The router takes up new routes within a second; by the old ones the event would stay where it is.
        await millrace('replay', 'unrouted', '--sink', 'router', '--from', at, '--to', at, '--yes');
        const { topics } = await json('trace', ...name);
        return topics.some(({ topic }: { topic: string }) => topic === 'github');
      },
      { what: 'the event to be in the topic', timeoutMs: 30_000, everyMs: 500 },
    );
    const mended = await waitFor(
      async () => {
        const trace = await json('trace', ...name);
        const copy = trace.topics.find(({ topic }: { topic: string }) => topic === 'github');
        return copy?.sinks[0]?.state === 'done' && trace;
      },
      { what: 'the event to be delivered', everyMs: 200 },
    );
    expect(mended.routing).toMatchObject({ version: 1, changedSince: true });
    const unrouted = await json('topics', 'events', 'unrouted');
    expect(unrouted.events).toHaveLength(1);
  }, 120_000);
});
