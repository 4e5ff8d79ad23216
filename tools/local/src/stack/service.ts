import { fileURLToPath } from 'node:url';
import { ServerProcess } from '@millrace/testkit';
import { printLine } from '../print.js';

/** A service to run as a process. */
export interface ServiceSpec {
  /** Name of its folder in `apps`. */
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

const appsFolder = fileURLToPath(new URL('../../../../apps/', import.meta.url));
const STOP_WITHIN_MS = 15_000;
/** As in the images. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '65536' };

/** One service of the stack, in a process of its own. */
export class Service {
  private readonly process: ServerProcess;
  private stopping = false;

  constructor(
    readonly spec: ServiceSpec,
    onLine: (name: string, line: string) => void = printLine,
  ) {
    const { name, env, port } = spec;
    this.process = new ServerProcess({
      name,
      program: process.execPath,
      args: [`${appsFolder}${name}/dist/main.js`],
      env: { ...MALLOC, ...process.env, LOG_FORMAT: 'json', HOST: '127.0.0.1', ...env, PORT: String(port) },
      stopSignal: 'SIGTERM',
      guardSignal: 'TERM',
      onLine: (line) => onLine(name, line),
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.spec.port}`;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Resolves with how the process ended, once it does without having been asked to; never, if it was. */
  async died(): Promise<string> {
    await this.process.gone;
    if (this.stopping) return new Promise(() => undefined);
    return this.process.obituary();
  }

  /** Whether it says that it can do its work. */
  async ready(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2000) })).ok;
    } catch {
      return false; // Not listening yet.
    }
  }

  /** SIGKILL: what it had in flight stays pending in Redis. */
  async kill(): Promise<void> {
    this.stopping = true;
    await this.process.kill();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.process.stop(STOP_WITHIN_MS);
  }
}
