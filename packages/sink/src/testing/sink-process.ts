import { readVariable } from '@millrace/host/environment';
import { freePort, ServerProcess, waitFor } from '@millrace/testkit';

/** A sink as a process of its own, as it is deployed. */
export class SinkProcess {
  private constructor(
    private readonly child: ServerProcess,
    private readonly port: number,
  ) {}

  /** Starts a program and waits until it listens. */
  static async start(program: string, env: Readonly<Record<string, string>>): Promise<SinkProcess> {
    const port = await freePort();
    const child = new ServerProcess({
      name: 'sink',
      program: process.execPath,
      args: [program],
      env: { PATH: readVariable('PATH') ?? '', HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...env, PORT: String(port) },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    const started = new SinkProcess(child, port);
    await waitFor(() => started.isLive(), { what: 'the sink to listen' }).catch((error: Error) => {
      throw new Error(`${error.message}: ${child.obituary()}`);
    });
    return started;
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`http://127.0.0.1:${this.port}/health/ready`)).ok;
  }

  /** SIGKILL. */
  kill(): Promise<void> {
    return this.child.kill();
  }

  /** SIGTERM; gives the exit code. */
  async stop(): Promise<number | null> {
    await this.child.stop();
    return this.child.exitCode;
  }

  private async isLive(): Promise<boolean> {
    if (!this.child.running) throw new Error(this.child.obituary());
    return (await fetch(`http://127.0.0.1:${this.port}/health/live`)).ok;
  }
}
