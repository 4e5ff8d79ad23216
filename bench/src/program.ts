import { ServerProcess, waitFor } from '@millrace/testkit';
import { type Usage, usageOf } from './usage.js';

/** A program of ours, of the floor or of a peer, to be measured. */
export interface ProgramSpec {
  /** Its role, by which figures are compared: `gateway`, `router`, `sink`. */
  readonly role: string;
  /** The script. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its address, where it has one. */
  readonly port?: number;
  /** Asked until it answers 200; absent where the program says `ready` itself. */
  readonly readyPath?: string;
  /** Options of Node: a profiler's. */
  readonly nodeOptions?: readonly string[];
}

/** `OTEL_*` of the bench is that of the services: what traces cost. */
const tracing = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_')));

/** A process that runs a program. */
export class Program {
  private constructor(
    readonly role: string,
    private readonly process_: ServerProcess,
  ) {}

  /** Starts it and waits until it is ready. */
  static async start(spec: ProgramSpec): Promise<Program> {
    const { role, script, env, port, readyPath, nodeOptions = [] } = spec;
    let isReady = false;
    const started = new ServerProcess({
      name: `${role} (${script})`,
      program: process.execPath,
      args: [...nodeOptions, script],
      env: {
        PATH: process.env['PATH'],
        ...tracing,
        HOST: '127.0.0.1',
        ...env,
        ...(port === undefined ? {} : { PORT: String(port) }),
      },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
      onLine: (line) => {
        if (line === 'ready') isReady = true;
      },
    });
    const program = new Program(role, started);
    const ask = async () => (await fetch(`http://127.0.0.1:${port}${readyPath}`)).ok;
    await waitFor(
      () => {
        program.assertRunning();
        return readyPath === undefined ? isReady : ask();
      },
      { what: `${role} to be ready: ${script}`, timeoutMs: 30_000, everyMs: 50 },
    ).catch(async (error: Error) => {
      await started.kill();
      throw new Error(`${error.message}\n${started.obituary()}`, { cause: error });
    });
    return program;
  }

  usage(): Usage {
    this.assertRunning();
    return usageOf(this.process_.pid as number);
  }

  stop(): Promise<void> {
    return this.process_.stop();
  }

  private assertRunning(): void {
    if (!this.process_.running) throw new Error(this.process_.obituary());
  }
}
