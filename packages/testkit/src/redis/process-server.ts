import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertPortFree, freePort } from '../free-port.js';
import { type ServerCommand, ServerProcess } from '../processes/server-process.js';
import { awaitPing, withRedis } from './greeting.js';
import type { RedisKind, RedisOptions, RedisServer } from './server.js';

/** What differs between the servers that are processes here. */
export interface RedisProgram {
  readonly kind: RedisKind;
  /** Whether it can save its data before a restart. */
  readonly persistent: boolean;
  command(port: number, dataDir: string, config: Readonly<Record<string, string>>): ServerCommand;
}

/** Another process may take a free port between our look and the server's; then the next one is tried. */
const PORTS_TRIED = 3;

/** Starts the program and waits until it answers. */
export const startRedisProcess = async (program: RedisProgram, options: RedisOptions): Promise<RedisServer> => {
  if (options.port !== undefined) await assertPortFree(options.port);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'millrace-redis-')));
  for (let tried = 1; ; tried += 1) {
    const server = new RedisProcess(program, options, dataDir, options.port ?? (await freePort()));
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (options.port !== undefined || tried >= PORTS_TRIED || !/in use/i.test((error as Error).message)) throw error;
    }
  }
};

class RedisProcess implements RedisServer {
  readonly host = '127.0.0.1';
  readonly kind: RedisKind;
  readonly url: string;
  version = 'unknown';
  private process: ServerProcess | undefined;

  constructor(
    private readonly program: RedisProgram,
    private readonly options: RedisOptions,
    private readonly dataDir: string,
    readonly port: number,
  ) {
    this.kind = program.kind;
    this.url = `redis://${this.host}:${port}`;
  }

  get pid(): number | undefined {
    return this.process?.running ? this.process.pid : undefined;
  }

  async start(): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    const command = this.program.command(this.port, this.dataDir, this.options.config ?? {});
    const temporaryFolder = this.isTemporary ? this.dataDir : undefined;
    const server = new ServerProcess({ ...command, temporaryFolder });
    this.process = server;
    const version = await awaitPing(this.port, () => server.running).catch((cause: unknown) => {
      throw this.failure(server, cause);
    });
    if (!server.running) throw this.failure(server);
    this.version = version;
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    if (this.isTemporary) await rm(this.dataDir, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  async restart(): Promise<void> {
    if (this.process?.running && this.program.persistent) await this.save();
    await this.process?.stop();
    await this.start();
  }

  private get isTemporary(): boolean {
    return this.options.dataDir === undefined;
  }

  /** An AOF is complete by itself; without one a snapshot is made, which the next start loads. */
  private async save(): Promise<void> {
    await withRedis(this.port, async (redis) => {
      const [, appendOnly] = (await redis.config('GET', 'appendonly')) as string[];
      if (appendOnly !== 'yes') await redis.save();
    });
  }

  private failure(server: ServerProcess, cause?: unknown): Error {
    return new Error(`cannot start Redis on port ${this.port}: ${server.obituary()}`, { cause });
  }
}
