import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, freePort, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { Service } from '../../src/stack/service.js';

const PARTITIONS = [0, 1, 2, 3];
const ROUTES = 'routes: [{ name: all, pattern: { type: [reading] }, topics: [readings] }]\n';
/** So long a lease runs, too. */
const CLAIM_AFTER_MS = 2000;
const KEYS = 40;
const BATCH = 20;
const SAMPLE_MS = 20;
const COMMON = {
  PARTITIONS: '4',
  CLAIM_AFTER_MS: String(CLAIM_AFTER_MS),
  LOG_LEVEL: 'warn',
  AUTH: 'off',
  RETENTION_MAX_LENGTH: '0',
};

/** Who has a partition, by its lease, and how far its topic is. */
interface Sample {
  /** By `performance.now()`. */
  readonly at: number;
  readonly owner: string;
  readonly token: number;
  readonly routed: number;
}

/** Looks at the leases of the router, and at what comes of them. */
class Watch {
  readonly samples: Sample[][] = PARTITIONS.map(() => []);
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  private readonly redis: Connection;

  constructor(private readonly transport: RedisTransport) {
    this.redis = transport.connections.connect('watch');
    this.running = this.look();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Process ids of the owners, one for each partition. */
  owners(): (string | undefined)[] {
    return this.samples.map((of) => pidOf(of.at(-1)?.owner ?? ''));
  }

  /** Longest time in which nothing of a partition was routed. */
  longestIdle(partition: number): number {
    const of = this.samples[partition] as Sample[];
    const progress = of.filter(({ routed }, i) => routed > 0 && routed !== of[i - 1]?.routed).map(({ at }) => at);
    return Math.max(...progress.slice(1).map((at, i) => at - (progress[i] as number)));
  }

  /** What each turn at a partition was given, one after the other. */
  turns(partition: number): Sample[] {
    const of = (this.samples[partition] as Sample[]).filter(({ owner }) => owner !== '');
    return of.filter(({ owner, token }, i) => owner !== of[i - 1]?.owner || token !== of[i - 1]?.token);
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    try {
      for await (const _ of setInterval(SAMPLE_MS, undefined, { signal })) {
        await Promise.all(PARTITIONS.map((partition) => this.sample(partition)));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  private async sample(partition: number): Promise<void> {
    const [[owner, token], routed] = await Promise.all([
      this.redis.hmget(`mr:{p${partition}}:lease:router`, 'owner', 'token'),
      this.transport.streams.inspect([{ name: 'topic:readings', partition }]).then(([state]) => state?.length ?? 0),
    ]);
    this.samples[partition]?.push({ at: performance.now(), owner: owner ?? '', token: Number(token ?? 0), routed });
  }
}

/** Of a consumer's name, `host-pid-start`. */
const pidOf = (owner: string): string | undefined => owner.split('-').at(-2);

describeOnRealRedis('one, two and four routers on four partitions', () => {
  let redis: RedisServer;
  let transport: RedisTransport;
  let folder: string;
  let watch: Watch;
  const routers: Service[] = [];
  let gateway: Service;
  const sending = new AbortController();
  let sent: Promise<void> = Promise.resolve();
  const accepted: string[] = [];
  const lines: string[] = [];

  const start = async (name: string): Promise<Service> => {
    const env = { REDIS_URL: redis.url, ...COMMON, ROUTES_FILE: join(folder, 'routes.yaml') };
    const service = new Service({ name, port: await freePort(), env }, (_, line) => lines.push(line));
    await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 60_000, everyMs: 50 }).catch(
      (cause: Error) => {
        throw new Error(`${cause.message}; ${lines.slice(-5).join('\n')}`);
      },
    );
    return service;
  };

  /** One after the other, so that the order in which they were accepted is known. */
  const send = async (): Promise<void> => {
    for (let n = 0; !sending.signal.aborted; n += BATCH) {
      const ids = Array.from({ length: BATCH }, (_, i) => String(n + i).padStart(8, '0'));
      const events = ids.map((id) => ({
        specversion: '1.0',
        type: 'reading',
        source: '/test',
        id,
        subject: `s${Number(id) % KEYS}`,
        data: {},
      }));
      const headers = { 'content-type': 'application/cloudevents-batch+json' };
      const answer = await fetch(`${gateway.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(events) });
      expect(await answer.json()).toMatchObject({ accepted: BATCH });
      accepted.push(...ids);
    }
  };

  /** Resolves when each of the routers has its share. */
  const shared = (...among: readonly Service[]): Promise<unknown> =>
    waitFor(
      () => {
        const owners = watch.owners();
        return among.every(
          ({ pid }) => owners.filter((owner) => owner === String(pid)).length === PARTITIONS.length / among.length,
        );
      },
      { what: `${among.length} routers to have equal shares`, timeoutMs: 30_000 },
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-scale-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
    gateway = await start('gateway');
    routers.push(await start('router'));
    watch = new Watch(transport);
    sent = send();
  });
  afterAll(async () => {
    sending.abort();
    await sent;
    await watch?.stop();
    await Promise.all([gateway, ...routers].map((service) => service?.stop()));
    await transport.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('share them evenly, and hand them over by start, stop and SIGKILL; all of it is routed once, and in order', async () => {
    const [first] = routers as [Service];
    await shared(first);
    const second = await start('router');
    routers.push(second);
    await shared(first, second);
    const [third, fourth] = await Promise.all([start('router'), start('router')]);
    routers.push(third, fourth);
    await shared(first, second, third, fourth);
    await third.kill();
    await fourth.stop();
    await shared(first, second);
    await second.stop();
    await shared(first);
    sending.abort();
    await sent;
    const routed = () => watch.samples.reduce((sum, of) => sum + (of.at(-1)?.routed ?? 0), 0);
    await waitFor(() => routed() >= accepted.length, { what: 'everything to be routed', timeoutMs: 30_000 });
    await watch.stop();

    const topics = await Promise.all(
      PARTITIONS.map((partition) =>
        transport.reader.range(
          { name: 'topic:readings', partition },
          '-',
          '+',
          Number.MAX_SAFE_INTEGER,
          Number.MAX_SAFE_INTEGER,
        ),
      ),
    );
    const ids = topics.map((of) => of.map(({ event }) => (JSON.parse(event.json) as { id: string }).id));
    expect(ids.flat().toSorted()).toEqual(accepted);
    // One producer: what is in order as a whole is so by key.
    for (const of of ids) expect(of).toEqual(of.toSorted());
    for (const partition of PARTITIONS) {
      expect(watch.longestIdle(partition)).toBeLessThan(1.5 * CLAIM_AFTER_MS);
      const tokens = watch.turns(partition).map(({ token }) => token);
      expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
    }
  }, 180_000);
});
