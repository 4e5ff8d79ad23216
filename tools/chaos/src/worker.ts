import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess, waitFor } from '@millrace/testkit';
import type { WallClock } from './faults/clocks.js';
import type { ServiceName } from './faults/schedule.js';

/** A service to run as a process. */
export interface WorkerSpec {
  readonly name: ServiceName;
  /** Its name among all processes, and its log's. */
  readonly label: string;
  readonly program: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Where its log goes. */
  readonly logs: string;
  /** Whether it is meant to die of some events. */
  readonly mayDie: boolean;
  /** Its wall clock. */
  readonly clock: WallClock;
}

const STOP_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 200;

/** A service that is started again whenever it ends, whoever ended it. */
export class Worker {
  /** How it ended without having been asked to. */
  readonly deaths: string[] = [];
  /** How stops by SIGTERM ended that did not end with exit code 0. */
  readonly uncleanStops: string[] = [];
  private process: ServerProcess | undefined;
  /** Whether the process has said anything: before that, Node is still reading the program. */
  private hasBegun = false;
  private isWanted = false;

  constructor(private readonly spec: WorkerSpec) {}

  get name(): ServiceName {
    return this.spec.name;
  }

  get label(): string {
    return this.spec.label;
  }

  get mayDie(): boolean {
    return this.spec.mayDie;
  }

  get url(): string {
    return `http://127.0.0.1:${this.spec.port}`;
  }

  start(): void {
    this.isWanted = true;
    this.hasBegun = false;
    const { label, program, env, port, logs, clock } = this.spec;
    const process_ = new ServerProcess({
      name: label,
      program: process.execPath,
      args: [program],
      env: { ...process.env, LOG_FORMAT: 'json', HOST: '127.0.0.1', ...clock.env, ...env, PORT: String(port) },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
      onLine: (line) => {
        this.hasBegun = true;
        appendFileSync(join(logs, `${label}.log`), `${line}\n`);
      },
    });
    this.process = process_;
    void process_.gone.then(() => this.ended(process_));
  }

  async ready(): Promise<void> {
    await waitFor(() => fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2000) }).then(({ ok }) => ok), {
      what: `${this.spec.label} to be ready`,
      timeoutMs: 60_000,
      everyMs: 100,
    });
  }

  /** Its wall clock is so many milliseconds ahead. */
  shiftClock(byMs: number): void {
    this.spec.clock.shift(byMs);
  }

  /** SIGKILL, and a start. */
  async kill(): Promise<void> {
    this.isWanted = false;
    await this.process?.kill();
    this.start();
  }

  /** SIGTERM, and a start. */
  async terminate(): Promise<void> {
    await this.stop();
    this.start();
  }

  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  /** For good. */
  async stop(): Promise<void> {
    this.isWanted = false;
    const stopped = this.process;
    if (stopped === undefined || !stopped.running) return;
    const [began, hasBegun] = [performance.now(), this.hasBegun];
    await stopped.stop(STOP_WITHIN_MS);
    const ms = Math.round(performance.now() - began);
    // An event that kills its process may be the one in flight.
    const diedMeanwhile = stopped.signal === 'SIGKILL' && ms < STOP_WITHIN_MS;
    if (stopped.exitCode === 0 || (this.spec.mayDie && diedMeanwhile)) return;
    if (stopped.signal === 'SIGTERM' && !hasBegun) return;
    this.uncleanStops.push(`${ms} ms after SIGTERM ${stopped.obituary()}`);
  }

  private signal(name: NodeJS.Signals): void {
    if (this.process?.running && this.process.pid !== undefined) process.kill(this.process.pid, name);
  }

  private ended(ended: ServerProcess): void {
    if (!this.isWanted || ended !== this.process) return;
    this.deaths.push(ended.obituary());
    setTimeout(() => {
      if (this.isWanted && ended === this.process) this.start();
    }, AGAIN_AFTER_MS);
  }
}
