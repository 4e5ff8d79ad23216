import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RedisTransport } from '@millrace/streams/redis';
import { freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

/** The services that are attacked. */
export type Target = 'gateway' | 'router' | 'console';
export const TARGETS = ['gateway', 'router', 'console'] as const satisfies Target[];

/** Keys that requests come with. */
export const KEYS = { publish: 'a-key-that-may-publish', read: 'a-key-that-may-read-only' } as const;

const ROUTES = `
routes:
  - { name: big, pattern: { type: [big] }, topics: [big] }
  - { name: pairs, pattern: { type: [pairs], data: { items: { qty: [{ numeric: [">", 5] }], sku: [b] } } }, topics: [big] }
  - { name: rest, pattern: { type: [t, { prefix: "x." }] }, topics: [rest] }
`;

const LOOP_DELAY = new URL('../dist/loop-delay.js', import.meta.url).href;
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Gateway, router and console as processes with small heaps, on a Redis of their own. */
export class Stack {
  /** How processes ended that should not have. */
  readonly deaths: string[] = [];
  private readonly processes = new Map<Target, ServerProcess>();
  private readonly ports = new Map<Target, number>();
  private isStopping = false;

  private constructor(
    private readonly redis: RedisServer,
    readonly transport: RedisTransport,
    private readonly folder: string,
    private readonly heap: number,
  ) {}

  /** `heap`: megabytes of each service's. Resolves when all are ready. */
  static async start(heap: number): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-cost-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    const redis = await startRedis();
    const stack = new Stack(redis, new RedisTransport({ url: redis.url }), folder, heap);
    try {
      for (const target of TARGETS) await stack.run(target);
    } catch (error) {
      await stack.stop();
      throw error;
    }
    return stack;
  }

  urlOf(target: Target): string {
    return `http://127.0.0.1:${this.ports.get(target)}`;
  }

  pidOf(target: Target): number {
    return this.processes.get(target)?.pid as number;
  }

  /** The longest pause of a process's event loop since this was asked last, in milliseconds. */
  async longestPauseOf(target: Target): Promise<number> {
    const file = this.pausesOf(target);
    await rm(file, { force: true });
    process.kill(this.pidOf(target), 'SIGUSR2');
    const read = () => readFile(file, 'utf8').catch(() => '');
    await waitFor(async () => (await read()) !== '', { what: `${target} to tell its pauses`, timeoutMs: 10_000 });
    return Number(await read());
  }

  isUp(target: Target): boolean {
    return this.processes.get(target)?.running ?? false;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.processes.values()].map((one) => one.stop(10_000)));
    await this.transport.close();
    await this.redis.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private pausesOf(target: Target): string {
    return join(this.folder, `${target}.pauses`);
  }

  private async run(target: Target): Promise<void> {
    const port = await freePort();
    this.ports.set(target, port);
    const own: Record<Target, Record<string, string>> = {
      gateway: { API_KEYS: KEYS.publish },
      router: { ROUTES_FILE: join(this.folder, 'routes.yaml') },
      console: { API_KEYS: 'a-key-that-may-do-everything', API_KEYS_READ: KEYS.read },
    };
    const started = new ServerProcess({
      name: target,
      program: process.execPath,
      args: [`--max-old-space-size=${this.heap}`, '--import', LOOP_DELAY, join(root, `apps/${target}/dist/main.js`)],
      env: {
        ...process.env,
        REDIS_URL: this.redis.url,
        HOST: '127.0.0.1',
        PORT: String(port),
        LOG_LEVEL: 'error',
        ...own[target],
        MILLRACE_COST_PAUSES: this.pausesOf(target),
      },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    this.processes.set(target, started);
    void started.gone.then(() => {
      if (!this.isStopping) this.deaths.push(started.obituary());
    });
    await waitFor(() => fetch(`${this.urlOf(target)}/health/ready`).then(({ ok }) => ok), {
      what: `${target} to be ready`,
      timeoutMs: 60_000,
      everyMs: 100,
    });
  }
}
