import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assertPortFree, freePort } from '../free-port.js';
import { ServerProcess } from '../processes/server-process.js';
import { POSTGRES_ENV, prepareDataFolder } from './data-folder.js';
import type { PlatformPackage } from './platform-package.js';
import { type Programs, placePrograms } from './programs.js';
import { barrier, type Runner, reachableTemp, runnerOf } from './runner.js';
import type { PostgresOptions, PostgresServer } from './server.js';
import { awaitSession, createDatabase, processesOf } from './session.js';

/** Another process may take a free port between our look and Postgres's; then the next one is tried. */
const PORTS_TRIED = 3;
/** Where its children outlive it they take a moment to notice, a long one on a busy machine; until then no new one starts. */
const RESTART_WITHIN_MS = 20_000;
const RESTART_EVERY_MS = 50;

/** Starts the Postgres of the package, as `nobody` where we are root. */
export const startEmbedded = async (found: PlatformPackage, options: PostgresOptions): Promise<PostgresServer> => {
  if (options.port !== undefined) await assertPortFree(options.port);
  const runner = runnerOf();
  const temp = reachableTemp(runner);
  const programs = await placePrograms(found, temp);
  const dataDir = resolve(options.dataDir ?? (await mkdtemp(join(temp, 'millrace-pgdata-'))));
  if (options.dataDir !== undefined) assertReachable(dataDir, runner);
  try {
    const password = await prepareDataFolder(programs, dataDir, runner);
    return await startOnPort({ programs, options, dataDir, password, runner });
  } catch (error) {
    if (!keeps(options)) await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
};

const startOnPort = async (parts: Omit<Parts, 'port'>): Promise<PostgresServer> => {
  const { port: given } = parts.options;
  for (let tried = 1; ; tried += 1) {
    const server = new EmbeddedPostgres({ ...parts, port: given ?? (await freePort()) });
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.kill();
      const again = given === undefined && tried < PORTS_TRIED && /already in use/.test((error as Error).message);
      if (!again) throw error;
    }
  }
};

const keeps = ({ keep, dataDir }: PostgresOptions): boolean => keep ?? dataDir !== undefined;

const assertReachable = (dataDir: string, runner: Runner | undefined): void => {
  const closed = barrier(join(dataDir, '..'), runner);
  if (closed === undefined) return;
  throw new Error(
    `root's Postgres runs as the user nobody, which cannot get to its data folder ${dataDir}: ` +
      `${closed} is closed to it; choose a folder elsewhere`,
  );
};

interface Parts {
  readonly programs: Programs;
  readonly options: PostgresOptions;
  readonly dataDir: string;
  readonly password: string;
  readonly port: number;
  readonly runner: Runner | undefined;
}

class EmbeddedPostgres implements PostgresServer {
  readonly kind = 'embedded';
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  version = 'unknown';
  private process: ServerProcess | undefined;

  constructor(private readonly parts: Parts) {
    this.port = parts.port;
    this.dataDir = parts.dataDir;
    this.url = `postgres://postgres:${parts.password}@127.0.0.1:${parts.port}/postgres`;
  }

  get pid(): number | undefined {
    return this.process?.running ? this.process.pid : undefined;
  }

  async start(): Promise<void> {
    const server = this.spawn();
    this.process = server;
    const version = await awaitSession(this.url, () => server.running).catch((cause: unknown) => {
      throw this.failure(server, cause);
    });
    if (!server.running) throw this.failure(server);
    this.version = version;
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    if (!keeps(this.parts.options)) await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Its children too: a session whose server is gone still takes a statement, and commits it, before it notices. */
  async kill(): Promise<void> {
    if (this.process?.running !== true) return;
    const children = await processesOf(this.url);
    await this.process.kill();
    for (const pid of children) killChild(pid);
  }

  async restart(): Promise<void> {
    await this.process?.stop();
    await prepareDataFolder(this.parts.programs, this.dataDir, this.parts.runner);
    const deadline = performance.now() + RESTART_WITHIN_MS;
    for (;;) {
      try {
        return await this.start();
      } catch (error) {
        const lingering = /shared memory|lock file|in use/i.test((error as Error).message);
        if (!lingering || performance.now() > deadline) throw error;
        await pause(RESTART_EVERY_MS);
      }
    }
  }

  createDatabase(name: string): Promise<string> {
    return createDatabase(this.url, name);
  }

  private spawn(): ServerProcess {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'logging_collector=off'];
    // Not synchronous_commit=off: with it what was committed would not survive our SIGKILL.
    if (!this.parts.options.durable) settings.push('fsync=off', 'full_page_writes=off');
    return new ServerProcess({
      name: 'postgres',
      program: this.parts.programs.postgres,
      args: ['-D', this.dataDir, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])],
      cwd: '/',
      env: POSTGRES_ENV,
      ...this.parts.runner,
      stopSignal: 'SIGINT',
      guardSignal: 'QUIT',
      ...(keeps(this.parts.options) ? {} : { temporaryFolder: this.dataDir }),
    });
  }

  private failure(server: ServerProcess, cause?: unknown): Error {
    return new Error(`cannot start Postgres on port ${this.port}: ${server.obituary()}`, { cause });
  }
}

const killChild = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It noticed by itself.
  }
};
