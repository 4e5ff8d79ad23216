import { type ChildProcess, spawn } from 'node:child_process';
import { postGuard } from './guard.js';
import { LogTail } from './log-tail.js';

/** How to run a server. */
export interface ServerCommand {
  /** As people know it: `redis-server`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Signal that makes it stop in order, ending its clients' connections. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
  /** Signal that makes it stop at once, sent by the guard if we die. */
  readonly guardSignal: 'TERM' | 'QUIT' | 'KILL';
  /** Called with every line that it writes. */
  readonly onLine?: (line: string) => void;
  /** Folder to remove if we die before it stops. */
  readonly temporaryFolder?: string;
}

/**
 * A server run as a process of its own, in a process group of its own (so that Ctrl-C in a terminal is ours to
 * handle), which does not outlive us and does not keep us alive.
 */
export class ServerProcess {
  readonly log: LogTail;
  /** Resolves when the process is gone, or could not be started. */
  readonly gone: Promise<void>;
  private isGone = false;
  private readonly child: ChildProcess;

  constructor(private readonly command: ServerCommand) {
    const { program, args, cwd, env, uid, gid, onLine } = command;
    this.log = new LogTail(onLine);
    this.child = spawn(program, args, { cwd, env, uid, gid, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.gone = this.watch();
    this.child.unref();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return !this.isGone;
  }

  /** Null while it runs, and where a signal ended it. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  /** What ended it; null while it runs, and where it ended by itself. */
  get signal(): NodeJS.Signals | null {
    return this.child.signalCode;
  }

  /** The process's end and the last lines of its log, as the end of an error message. */
  obituary(): string {
    const { exitCode, signalCode } = this.child;
    const fate = this.isGone ? `ended with ${signalCode ?? `code ${exitCode}`}` : 'is still running';
    const lines = this.log.lines().slice(-12);
    return `${this.command.name} ${fate}${lines.length ? `; the end of its log:\n  ${lines.join('\n  ')}` : ''}`;
  }

  /** Stops it in order, after `timeoutMs` by force. A no-op once it is gone. */
  async stop(timeoutMs = 10_000): Promise<void> {
    if (this.isGone) return;
    this.child.ref();
    this.child.kill(this.command.stopSignal);
    const force = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    await this.gone;
    clearTimeout(force);
  }

  /** SIGKILL. A no-op once it is gone. */
  async kill(): Promise<void> {
    if (this.isGone) return;
    this.child.ref();
    this.child.kill('SIGKILL');
    await this.gone;
  }

  private watch(): Promise<void> {
    const { pid } = this.child;
    const letGo =
      pid === undefined
        ? () => undefined
        : postGuard({ pid, signal: this.command.guardSignal, folder: this.command.temporaryFolder });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) this.log.follow(stream);
    }
    return new Promise((resolve) => {
      const end = () => {
        this.isGone = true;
        letGo();
        resolve();
      };
      this.child.once('exit', end);
      this.child.once('error', (error) => {
        this.log.add(error.message);
        end();
      });
    });
  }
}
