import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeOnRealRedis,
  freePort,
  type Receiver,
  type RedisServer,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { Service } from '../src/stack/service.js';

const SECRET = `whsec_${Buffer.from('a secret of the partition test').toString('base64')}`;
const ROUTES = 'routes: [{ name: all, pattern: { type: [reading] }, topics: [readings] }]\n';
const COMMON = { CLAIM_AFTER_MS: '2000', LOG_LEVEL: 'warn', AUTH: 'off' };
const KEYS = 24;

/** A client that writes to keys of its own, one event after the other, and repeats what was not accepted. */
class Client {
  readonly accepted: string[] = [];
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly gateway: () => Service,
  ) {
    this.running = this.send();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async send(): Promise<void> {
    for (let n = 0; !this.stopping.signal.aborted; n += 1) {
      const id = `${this.name}/${n % KEYS}/${String(n).padStart(6, '0')}`;
      const event = { specversion: '1.0', type: 'reading', source: '/test', id, subject: `${this.name}${n % KEYS}` };
      while (!this.stopping.signal.aborted) {
        if (await this.isAccepted({ ...event, data: { n } })) {
          this.accepted.push(id);
          break;
        }
      }
    }
  }

  private async isAccepted(event: object): Promise<boolean> {
    const headers = { 'content-type': 'application/cloudevents+json' };
    // A gateway that sleeps answers when it is awake again: then, and not before, it is known what became of this.
    const answer = await fetch(`${this.gateway().url}/v1/events`, {
      method: 'POST',
      headers,
      body: JSON.stringify(event),
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    return answer.status === 202;
  }
}

describeOnRealRedis('partitions raised on a running system', () => {
  let redis: RedisServer;
  let receiver: Receiver;
  let folder: string;
  const delivered: string[] = [];
  /** The receiver answers when this is resolved. */
  let answers: Promise<void> = Promise.resolve();
  const services = new Map<string, Service>();
  const lines: string[] = [];
  let clients: Client[] = [];

  const get = (name: string): Service => services.get(name) as Service;

  const start = async (name: string, env: Record<string, string> = {}): Promise<Service> => {
    const spec = {
      name: name.replace(/ .*/, ''),
      port: await freePort(),
      env: { REDIS_URL: redis.url, ...COMMON, ...env },
    };
    const service = new Service(spec, (who, line) => lines.push(`${who}: ${line}`));
    services.set(name, service);
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 60_000, everyMs: 50 });
    return service;
  };

  const ask = async (name: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${get(name).url}${path}`, post);
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status: answer.status, body: (await answer.json()) as any };
  };

  const accepted = (): string[] => clients.flatMap((client) => client.accepted);

  const more = async (count: number): Promise<void> => {
    const before = clients.map((client) => client.accepted.length);
    const isMore = () => clients.every((client, i) => client.accepted.length >= (before[i] ?? 0) + count);
    await waitFor(isMore, { what: `${count} more events of each client to be accepted`, timeoutMs: 60_000 });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-partitions-'));
    const routes = join(folder, 'routes.yaml');
    await writeFile(routes, ROUTES);
    redis = await startRedis({ config: { appendonly: 'yes' } });
    receiver = await startReceiver({
      secret: SECRET,
      respond: async ({ body }) => {
        await answers;
        delivered.push((JSON.parse(body) as { id: string }).id);
        return { status: 204 };
      },
    });
    const fifo = { TOPICS: 'readings', ORDER: 'fifo', WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET };
    await Promise.all([
      start('gateway'),
      start('gateway 2'),
      start('router', { ROUTES_FILE: routes }),
      start('router 2', { ROUTES_FILE: routes }),
      start('sink-webhook', { ...fifo, ALLOW_NETWORKS: '127.0.0.0/8', REQUEST_TIMEOUT: '60s' }),
      start('console'),
      start('console 2'),
    ]);
    clients = ['a', 'b', 'c', 'd'].map((name, i) => new Client(name, () => get(i === 0 ? 'gateway 2' : 'gateway')));
    await more(50);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.stop()));
    await Promise.all([...services.values()].map((service) => service.stop()));
    await receiver?.stop();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const holdReceiver = (): (() => void) => {
    let letGo: () => void = () => undefined;
    answers = new Promise((resolve) => (letGo = resolve));
    return letGo;
  };

  it('stays as it is where a sink in order is stuck, and where whoever raises it is killed', async () => {
    const letGo = holdReceiver();
    const refused = await ask('console', '/api/partitions/raise', { to: 4, waitMs: 1500 });
    expect(refused).toMatchObject({ status: 409 });
    expect(refused.body.detail).toMatch(
      /^not done in time: hook.default has \d+ events? .* hook:default of partition 0/,
    );
    await more(10);

    const raise = ask('console 2', '/api/partitions/raise', { to: 4, waitMs: 60_000 }).catch((error: Error) => error);
    const isRaising = async () => (await ask('console', '/api/partitions')).body.raising?.to === 4;
    await waitFor(isRaising, { what: 'the raise to have begun' });
    await get('console 2').kill();
    expect(await raise).toMatchObject({ message: 'fetch failed' });
    await more(10); // Its lease has run out.
    expect((await ask('console', '/api/partitions')).body).toEqual({ count: 1, raising: null });
    letGo();
    await more(50);
  });

  it('loses, doubles and reorders nothing, also where a gateway sleeps through it', async () => {
    const sleeper = get('gateway 2').pid as number;
    process.kill(sleeper, 'SIGSTOP');
    let raised: Awaited<ReturnType<typeof ask>>;
    try {
      raised = await ask('console', '/api/partitions/raise', { to: 4, waitMs: 30_000 });
    } finally {
      process.kill(sleeper, 'SIGCONT');
    }
    expect(raised).toMatchObject({ status: 200, body: { from: 1, to: 4 } });
    await more(100);
    await Promise.all(clients.map((client) => client.stop()));
    const isDelivered = () => new Set(delivered).size === new Set(accepted()).size;
    await waitFor(isDelivered, { what: 'everything to be delivered', timeoutMs: 60_000 });

    expect(delivered.length).toBe(new Set(delivered).size);
    expect(accepted().filter((id) => !delivered.includes(id))).toEqual([]);
    const keyOf = (id: string): string => id.split('/').slice(0, 2).join('/');
    const last = new Map<string, string>();
    const disordered = delivered.filter((id) => {
      const before = last.get(keyOf(id)) ?? '';
      last.set(keyOf(id), id);
      return id < before;
    });
    expect(disordered).toEqual([]);
    const topic = (await ask('console', '/api/topics/readings')).body;
    expect(topic.length).toBe(delivered.length);
    expect(topic.partitions.map(({ length }: { length: number }) => length > 0)).toEqual([true, true, true, true]);
    const [entry] = (await ask('console', '/api/audit')).body.entries;
    expect(entry).toMatchObject({ action: 'raise partitions', detail: { from: 1, to: 4 } });
  }, 120_000);

  it('is followed by what starts with another number, which says so', async () => {
    await start('gateway 3', { PARTITIONS: '2' });
    await waitFor(() => lines.some((line) => /there are 4 partitions .*precedence over PARTITIONS=2/.test(line)), {
      what: 'a warning',
    });
    expect((await ask('console', '/api/partitions/raise', { to: 2 })).body.detail).toMatch(
      /the partition count cannot decrease/,
    );
  });
});
