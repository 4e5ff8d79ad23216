import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { JobAnswer, JobFailure } from './messages.js';

/** What a child may take. */
export interface ChildLimits {
  /** Milliseconds of one job. */
  readonly timeoutMs: number;
  /** MiB of its heap. */
  readonly memoryMb: number;
}

/** What was done of what was asked, in order; and why not all, where the child has ended. */
export interface Answered<Result> {
  readonly results: readonly (Result | JobFailure)[];
  readonly end?: string;
}

/** Called with each result as it comes, before more of them do; gives what is kept of it. */
export type Keep<Result> = (result: Result | JobFailure) => Result | JobFailure;

interface Asked<Result> {
  readonly results: (Result | JobFailure)[];
  readonly count: number;
  readonly keep: Keep<Result>;
  readonly done: (answer: Answered<Result>) => void;
}

/** How much longer than its limit a job may take before the child is ended: it stops most by itself. */
const PATIENCE = 2;
/** MiB that a child may take beside its heap: Node itself, code, what is sent. */
const BESIDE_HEAP_MB = 112;
/** A child takes a twentieth of a second to start, and much longer on a machine with much to do. */
const START_MS = 30_000;
const LOOK_MS = 50;
const PAGE_BYTES = 4096;

/** Bytes that a process has in memory; 0 where that cannot be asked: its heap is bounded all the same. */
const residentBytes = async (pid: number | undefined): Promise<number> => {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
};

/** Why a child was ended whose job would end it again. */
export const OUT_OF_MEMORY = 'it exceeded its memory limit';
/** What Node ends itself with where its heap is full, by platform and version. */
const SIGNALS_OF_MEMORY: readonly unknown[] = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

const whyEnded = (code: number | null, signal: NodeJS.Signals | null): string =>
  SIGNALS_OF_MEMORY.includes(signal) ? OUT_OF_MEMORY : `its process ended with ${signal ?? code}`;

/** One child process: watched, and ended from outside where it takes too long or too much. */
export class JobChild<Result> {
  private asked: Asked<Result> | undefined;
  private end: string | undefined;
  private spokeAt = 0;
  private watching: NodeJS.Timeout | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly limits: ChildLimits,
  ) {
    child.on('message', (answer: JobAnswer) => this.told(answer));
    child.on('exit', (code, signal) => this.ended(whyEnded(code, signal)));
    child.on('error', (error) => {
      child.ref(); // Killed by the signal: a service that stops stays until it is gone.
      this.ended(error.message);
    });
  }

  /** Resolves when it can be asked. Rejects where it cannot be started. It ends with the signal, whatever it does. */
  static async start<Result>(entry: URL, limits: ChildLimits, signal: AbortSignal): Promise<JobChild<Result>> {
    const child = fork(entry, {
      signal,
      killSignal: 'SIGKILL',
      execArgv: [`--max-old-space-size=${limits.memoryMb}`, '--max-semi-space-size=8'],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const made = new JobChild<Result>(child, limits);
    await made.ready();
    // It alone keeps no process alive.
    child.unref();
    child.channel?.unref();
    return made;
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  /** One after the other: the next may be asked when this has resolved. */
  ask(jobs: readonly unknown[], keep: Keep<Result>): Promise<Answered<Result>> {
    return new Promise((done) => {
      if (this.end !== undefined) return done({ results: [], end: this.end });
      this.asked = { results: [], count: jobs.length, keep, done };
      this.spokeAt = performance.now();
      this.watching = setInterval(() => void this.look(), LOOK_MS);
      this.child.send({ jobs }, (error) => error !== null && this.kill(error.message));
    });
  }

  kill(why: string): void {
    this.child.kill('SIGKILL');
    this.ended(why);
  }

  private ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.kill('it did not start'), START_MS);
      this.asked = {
        results: [],
        count: 0,
        keep: (result) => result,
        done: ({ end }) => {
          clearTimeout(timer);
          if (end === undefined) resolve();
          else reject(new Error(end));
        },
      };
    });
  }

  private told(answer: JobAnswer): void {
    const { asked } = this;
    if (asked === undefined || this.end !== undefined) return;
    this.spokeAt = performance.now();
    if (answer !== 'ready') for (const one of answer) asked.results.push(asked.keep(one as Result | JobFailure));
    if (asked.results.length >= asked.count) this.answer({});
  }

  private answer(rest: { readonly end?: string }): void {
    const { asked } = this;
    clearInterval(this.watching);
    this.asked = undefined;
    asked?.done({ results: asked.results, ...rest });
  }

  private ended(why: string): void {
    if (this.end !== undefined) return;
    this.end = why;
    this.answer({ end: why });
  }

  private async look(): Promise<void> {
    const { timeoutMs, memoryMb } = this.limits;
    if (performance.now() - this.spokeAt > PATIENCE * timeoutMs + LOOK_MS) {
      this.kill(`it exceeded ${timeoutMs} ms and was stopped`);
    } else if ((await residentBytes(this.child.pid)) > (memoryMb + BESIDE_HEAP_MB) * 1024 * 1024) {
      this.kill(OUT_OF_MEMORY);
    }
  }
}
