import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type RedisServer, startRedis } from '@millrace/testkit';
import { Redis } from 'ioredis';
import type { BenchCase } from './bench-case.js';
import type { Database } from './database.js';
import { TYPES } from './load/bodies.js';
import { Program, type ProgramSpec } from './program.js';
import { type Usage, usageOf } from './usage.js';

export type SideName = 'millrace' | 'floor';

const root = fileURLToPath(new URL('../../', import.meta.url));
const app = (name: string): string => join(root, 'apps', name, 'dist/main.js');
const nullSink = join(root, 'bench/dist/null-sink.js');
const floor = (name: string): string => join(root, 'bench/floor', name);

/** For a signature that nobody checks here. */
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const topicsOf = ({ topics }: BenchCase): string[] => Array.from({ length: topics }, (_, n) => `bench${n}`);

/** One route a type for the first ten, then routes that look at content and that no event matches. */
const routesOf = ({ routes, topics }: BenchCase): object[] =>
  Array.from({ length: routes }, (_, n) => {
    const to = Array.from({ length: topics }, (_, t) => `bench${t}`);
    if (n < TYPES) return { name: `r${n}`, pattern: { type: [`bench.${n}`] }, topics: to };
    const pattern = [
      { type: [`other.${n}`], data: { n: [{ numeric: ['>', n] }] } },
      { source: [`/other/${n}`] },
      { data: { text: [{ prefix: `y${n}` }] } },
      { type: [{ prefix: `other.${n}.` }], subject: [{ exists: true }] },
    ][n % 4];
    return { name: `r${n}`, pattern, topics: ['other'] };
  });

/** A Function call as SLOWLOG has it: wall time, other processes' turns included. */
export interface SlowCall {
  readonly name: string;
  readonly ms: number;
}

/** What a Redis has counted. */
export interface Counters {
  readonly calls: ReadonlyMap<string, number>;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** One of the two that are compared: its processes, on a Redis of its own. */
export class Side {
  private constructor(
    readonly name: SideName,
    readonly gatewayUrl: string,
    private readonly programs: Program[],
    private readonly sink: ProgramSpec | undefined,
    /** What the others deliver to. */
    private readonly unmeasured: readonly Program[],
    private readonly redis: RedisServer,
    private readonly client: Redis,
    private readonly waits: readonly (readonly [key: string, group: string])[],
    private readonly folder: string,
  ) {}

  static async start(name: SideName, it: BenchCase, database: Database | undefined, profile?: string): Promise<Side> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
    const aof = it.aof ? { appendonly: 'yes', appendfsync: 'everysec', 'auto-aof-rewrite-percentage': '0' } : undefined;
    const redis = await startRedis({ flavour: 'native', config: { 'slowlog-log-slower-than': '5000', ...aof } });
    const programs: Program[] = [];
    let sink: ProgramSpec | undefined;
    const unmeasured: Program[] = [];
    const port = await freePort();
    try {
      const databaseUrl = it.end === 'postgres' ? await (database as Database).create(name) : '';
      const hook = await freePort();
      if (it.end === 'webhook') {
        const receiver = { role: 'receiver', script: floor('receiver.mjs'), env: {}, port: hook };
        unmeasured.push(await Program.start(receiver));
      }
      const common = {
        WEBHOOK_URL: `http://127.0.0.1:${hook}/`,
        WEBHOOK_SECRET: SECRET,
        ALLOW_NETWORKS: '127.0.0.0/8',
        REDIS_URL: redis.url,
        DATABASE_URL: databaseUrl,
        NODE_ENV: 'production',
      };
      const specs = name === 'floor' ? floorSpecs(it, common, port) : await millraceSpecs(it, common, port, folder);
      for (const spec of specs.map((one) => profiled(one, it, name, profile))) {
        programs.push(await Program.start(spec));
        if (spec.role === 'sink') sink = spec;
      }
    } catch (error) {
      await Promise.all([...programs, ...unmeasured].map((program) => program.stop()));
      await redis.stop();
      throw error;
    }
    const client = new Redis(redis.url);
    const url = `http://127.0.0.1:${port}`;
    return new Side(name, url, programs, sink, unmeasured, redis, client, waitsOf(name, it), folder);
  }

  /** Usage by role, Redis's too. */
  usage(): ReadonlyMap<string, Usage> {
    return new Map([
      ...this.programs.map((program) => [program.role, program.usage()] as const),
      ['redis', usageOf(this.redis.pid as number)],
    ]);
  }

  /** What Redis has counted since it began: commands by name, those of its Functions too, and bytes. */
  async counters(): Promise<Counters> {
    const calls = [...(await this.client.info('commandstats')).matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)];
    const stats = await this.client.info('stats');
    const bytes = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1]);
    return {
      calls: new Map(calls.map(([, name, count]) => [name as string, Number(count)])),
      bytesIn: bytes('total_net_input_bytes'),
      bytesOut: bytes('total_net_output_bytes'),
    };
  }

  /** Stops the sink, so that what comes waits for it. */
  async stopSink(): Promise<void> {
    const at = this.programs.findIndex(({ role }) => role === 'sink');
    await this.programs.splice(at, 1)[0]?.stop();
  }

  async startSink(): Promise<void> {
    if (this.sink !== undefined) this.programs.push(await Program.start(this.sink));
  }

  /** Function calls that took over 5 ms since this was asked last. */
  async slowCalls(): Promise<SlowCall[]> {
    const rows = (await this.client.slowlog('GET', 1000)) as [number, number, number, string[]][];
    await this.client.slowlog('RESET');
    return rows
      .filter(([, , , [command]]) => command?.toUpperCase() === 'FCALL')
      .map(([, , micros, [, name = '']]) => ({
        name: name.replace(/^millrace_(operations_)?[0-9a-f]+_/, ''),
        ms: micros / 1000,
      }));
  }

  /** Whether all that came in has been settled, in every stream on the way. */
  isDone(): Promise<boolean> {
    return this.areSettled(this.waits);
  }

  /** Whether the router has settled all that came in. */
  isRouted(): Promise<boolean> {
    return this.areSettled(this.waits.slice(0, 1));
  }

  private async areSettled(waits: Side['waits']): Promise<boolean> {
    for (const [key, group] of waits) {
      const info = (await this.client.xinfo('STREAM', key)) as unknown[];
      const groups = (await this.client.xinfo('GROUPS', key)) as unknown[][];
      const last = fieldOf(info, 'last-generated-id');
      const mine = groups.find((one) => fieldOf(one, 'name') === group);
      if (mine === undefined || fieldOf(mine, 'last-delivered-id') !== last || fieldOf(mine, 'pending') !== 0)
        return false;
    }
    return true;
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    await Promise.all([...this.programs, ...this.unmeasured].map((program) => program.stop()));
    await this.redis.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const profiled = (spec: ProgramSpec, it: BenchCase, side: SideName, folder: string | undefined): ProgramSpec =>
  folder === undefined
    ? spec
    : {
        ...spec,
        nodeOptions: [
          '--cpu-prof',
          `--cpu-prof-dir=${folder}`,
          `--cpu-prof-name=${it.name}-${side}-${spec.role}.cpuprofile`,
        ],
      };

const fieldOf = (answer: unknown, name: string): unknown => {
  if (!Array.isArray(answer)) return (answer as Record<string, unknown>)[name];
  return answer[answer.indexOf(name) + 1];
};

const floorSpecs = (it: BenchCase, common: Record<string, string>, port: number): ProgramSpec[] => {
  const env = {
    ...common,
    FLOOR_TOPICS: topicsOf(it).join(','),
    FLOOR_HTTP: it.floorHttp,
    FLOOR_APPEND: it.sameAppend ? 'same' : 'bare',
  };
  const gateway = { role: 'gateway', script: floor('gateway.mjs'), env, port };
  const router = { role: 'router', script: floor('router.mjs'), env };
  const sink = { role: 'sink', script: floor(`sink-${it.end}.mjs`), env };
  if (it.end === 'gateway') return [gateway];
  return it.end === 'router' ? [gateway, router] : [gateway, router, sink];
};

const millraceSpecs = async (
  it: BenchCase,
  common: Record<string, string>,
  port: number,
  folder: string,
): Promise<ProgramSpec[]> => {
  const routes = join(folder, 'routes.yaml');
  await writeFile(routes, JSON.stringify({ routes: routesOf(it) }));
  const env = {
    ...common,
    LOG_LEVEL: 'warn',
    AUTH: 'off',
    ...(it.frameMaxEvents === undefined ? {} : { FRAME_MAX_EVENTS: String(it.frameMaxEvents) }),
    ...(it.deduplicates ? {} : { DEDUP_WINDOW: '0s' }),
    // A backlog is longer than what is kept once it is read.
    ...(it.isBacklog ? { RETENTION_MAX_LENGTH: '2000000', INBOX_MAX_LENGTH: '1000' } : {}),
    METRIC_PATH: 'type',
    VALUE_PATH: 'data.n',
  };
  const readyPath = '/health/ready';
  const service = async (role: string, name: string, more: Record<string, string>): Promise<ProgramSpec> => ({
    role,
    script: app(name),
    env: { ...env, ...more },
    port: role === 'gateway' ? port : await freePort(),
    readyPath,
  });
  const gateway = await service('gateway', 'gateway', { BACKPRESSURE_MAX_LAG: '1000000000' });
  const router = await service('router', 'router', { ROUTES_FILE: routes });
  if (it.end === 'gateway') return [gateway];
  if (it.end === 'router') return [gateway, router];
  const sink = await service('sink', `sink-${it.end}`, { TOPICS: topicsOf(it).join(','), CONCURRENCY: '64' });
  return [gateway, router, it.end === 'null' ? { ...sink, script: nullSink } : sink];
};

const waitsOf = (name: SideName, it: BenchCase): [string, string][] => {
  if (it.end === 'gateway') return [];
  const [inbox, topic, group] =
    name === 'floor'
      ? ['floor:in', (one: string) => `floor:topic:${one}`, 'sink']
      : ['mr:{p0}:in', (one: string) => `mr:{p0}:topic:${one}`, `sink-${it.end}`];
  const first: [string, string] = [inbox, 'router'];
  const hooks: [string, string][] =
    name === 'millrace' && it.end === 'webhook' ? [['mr:{p0}:hook:default', 'hook.default']] : [];
  return it.end === 'router'
    ? [first]
    : [first, ...topicsOf(it).map((one): [string, string] => [topic(one), group]), ...hooks];
};
