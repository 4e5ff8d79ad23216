import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVariable } from '@millrace/host/environment';
import {
  describeOnRealRedis,
  type PostgresServer,
  type Receiver,
  type RedisServer,
  ServerProcess,
  startPostgres,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { pathOf, SERVICES } from './repository.js';

const SECRET = `whsec_${randomBytes(24).toString('base64')}`;
const ROUTES = `
routes:
  - name: orders
    pattern: { type: [order.placed] }
    topics: [orders]
    transform: '{ "subject": data.customer }'
`;
/** Handlers whose targets are here: they have to deliver. */
const OURS = ['router', 'sink-files', 'sink-postgres', 'sink-redis-pubsub', 'sink-timeseries', 'sink-webhook'];
const EVENT = {
  specversion: '1.0',
  id: '1',
  source: '/test',
  type: 'order.placed',
  time: new Date().toISOString(),
  data: { customer: 'ada', metric: 'total', value: 1 },
};

/** A service of the repository as a process of its own. */
class Running {
  readonly lines: string[] = [];
  private readonly child: ServerProcess;

  constructor(
    readonly name: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.child = new ServerProcess({
      name,
      program: process.execPath,
      args: ['--import', pathOf('deploy/test/fixtures/name-what-is-left.mjs'), pathOf(`apps/${name}/src/main.ts`)],
      env: { PATH: readVariable('PATH'), HOST: '127.0.0.1', PORT: '0', ...env },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
      onLine: (line) => this.lines.push(line),
    });
  }

  /** Where it listens. */
  async url(): Promise<string> {
    const find = () => /listening on (http:[^"\s]+)/.exec(this.lines.join('\n'))?.[1];
    await waitFor(() => find() !== undefined || !this.child.running, {
      what: `${this.name} to listen`,
      timeoutMs: 120_000,
    });
    const url = find();
    if (url === undefined) throw new Error(this.child.obituary());
    return url;
  }

  /** Stops it; gives its exit code and what it left. */
  async stop(): Promise<{ code: number | null; left: string[] }> {
    await this.child.stop(20_000);
    return { code: this.child.exitCode, left: this.lines.filter((line) => /^left: |still open/.test(line)) };
  }
}

// Every service runs at once and has had an event in its hands, so that what is started for the first of them is there too.
describeOnRealRedis('a service that stops', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let receiver: Receiver;
  let folder: string;
  const running = new Map<string, Running>();
  const leaving = new AbortController();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-stops-'));
    writeFileSync(join(folder, 'routes.yaml'), ROUTES);
    [redis, postgres, receiver] = await Promise.all([startRedis(), startPostgres(), startReceiver({ secret: SECRET })]);
    const env = {
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      TOPICS: 'orders',
      DIRECTORY: join(folder, 'files'),
      ROUTES_FILE: join(folder, 'routes.yaml'),
      INGEST_API: 'on',
      ALLOW_NETWORKS: '127.0.0.0/8',
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: SECRET,
    };
    for (const name of SERVICES) running.set(name, new Running(name, env));
    const urls = new Map(await Promise.all([...running].map(async ([name, one]) => [name, await one.url()] as const)));
    const live = await fetch(`${urls.get('console')}/api/live`, { signal: leaving.signal });
    expect((await live.body?.getReader().read())?.done).toBe(false);
    const publish = async (): Promise<boolean> => {
      const headers = { 'content-type': 'application/cloudevents+json' };
      const answer = await fetch(`${urls.get('gateway')}/v1/events`, {
        method: 'POST',
        headers,
        body: JSON.stringify(EVENT),
      });
      return answer.ok;
    };
    await waitFor(publish, { what: 'the event to be accepted' });
    const isDelivered = async (name: string): Promise<boolean> =>
      /millrace_deliveries_total\{[^}]*outcome="(delivered|routed)"\} [1-9]/.test(
        await (await fetch(`${urls.get(name)}/metrics`)).text(),
      );
    // A new sink, whose target is not here, has tried.
    const hasTried = async (name: string): Promise<boolean> =>
      (await isDelivered(name)) || (!OURS.includes(name) && !(await fetch(`${urls.get(name)}/health/ready`)).ok);
    const handlers = SERVICES.filter((name) => !['console', 'gateway'].includes(name));
    await Promise.all(
      handlers.map((name) => waitFor(() => hasTried(name), { what: `${name} to deliver`, timeoutMs: 60_000 })),
    );
  }, 240_000);

  afterAll(async () => {
    leaving.abort();
    await Promise.all([...running.values()].map((one) => one.stop()));
    await Promise.all([redis?.stop(), postgres?.stop(), receiver?.stop()]);
    rmSync(folder, { recursive: true });
  });

  it.each(SERVICES)('%s stops everything that it started', async (name) => {
    expect(await running.get(name)?.stop()).toEqual({ code: 0, left: [] });
  });
});
