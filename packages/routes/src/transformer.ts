import { Worker } from 'node:worker_threads';
import type { StreamedEvent } from '@millrace/streams';
import { type TransformError, transformError } from './transform.js';
import {
  PROGRESS,
  type TransformAnswer,
  type TransformJob,
  type TransformLimits,
  type TransformRequest,
  type TransformResult,
  type WorkerData,
} from './transform-job.js';

/** What is asked and not answered. */
interface Asked {
  readonly jobs: readonly TransformJob[];
  /** Of those that ended the worker. */
  readonly failures: Map<number, TransformResult>;
  readonly resolve: (results: TransformResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** How much longer than its limit an evaluation may take before the worker is ended: it stops most by itself. */
const PATIENCE = 2;
/** So often a worker may end of itself, one after the other, before it is given up. */
const MOST_DEATHS = 5;
const HEAP_MB = 256;
/** So often an evaluation that took too long is tried in all: on a machine with much to do it may be nobody's fault. */
const TRIES = 3;
/** Where more of a slice take too long, it is the transform that is slow, and they are not tried again. */
const MOST_TRIED_AGAIN = 10;
/** Events that are in the worker at once, with what is made of them. */
const SLICE_BYTES = 4 * 1024 * 1024;
const MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/** The worker had no memory left while it was at several events. */
class OutOfMemory extends Error {}

/** The event as it is now, or why not. */
export type Transformed = StreamedEvent | TransformError;

/** The index after the last job of a slice that begins at `from`; at least one. */
const endOfSlice = (jobs: readonly TransformJob[], from: number): number => {
  let bytes = 0;
  let to = from;
  while (to < jobs.length) {
    bytes += (jobs[to] as TransformJob).json.length;
    if (to > from && bytes > SLICE_BYTES) break;
    to += 1;
  }
  return to;
};

/** Transforms events in a thread of its own, which no expression outlives that takes too long or too much memory. */
export class Transformer {
  private worker: Worker | undefined;
  /** Of this worker: one that was ended may still write to its own. */
  private progress = new Int32Array(new SharedArrayBuffer(0));
  private readonly asked = new Map<number, Asked>();
  private serials = 0;
  private deaths = 0;
  private watching: NodeJS.Timeout | undefined;
  private seenCount = -1;
  private seenAt = 0;

  constructor(private readonly limits: TransformLimits) {}

  /** Results in order. Rejects where no worker can be kept alive. */
  async run(jobs: readonly TransformJob[]): Promise<Transformed[]> {
    const results: Transformed[] = [];
    for (let from = 0; from < jobs.length; ) {
      const to = endOfSlice(jobs, from);
      results.push(...(await this.runSlice(jobs.slice(from, to))));
      from = to;
    }
    return results;
  }

  /** Where memory ran out, nobody knows whose fault it was: each is tried alone. */
  private async runSlice(jobs: readonly TransformJob[]): Promise<Transformed[]> {
    try {
      const results = await this.askPatiently(jobs);
      return results.map((result, n) =>
        'error' in result
          ? transformError((jobs[n] as TransformJob).expression, { ...result, message: result.error })
          : result,
      );
    } catch (error) {
      if (!(error instanceof OutOfMemory) || jobs.length === 1) throw error;
    }
    const results: Transformed[] = [];
    for (const job of jobs) results.push(...(await this.runSlice([job])));
    return results;
  }

  /** What took too long is tried again at once: put off, it would be overtaken by later events of its key. */
  private async askPatiently(jobs: readonly TransformJob[]): Promise<TransformResult[]> {
    const results = await this.ask(jobs);
    for (let tries = 1; tries < TRIES; tries += 1) {
      const overdue = results.flatMap((result, n) => ('error' in result && result.isOverdue === true ? [n] : []));
      if (overdue.length === 0 || overdue.length > MOST_TRIED_AGAIN) break;
      const again = await this.ask(overdue.map((n) => jobs[n] as TransformJob));
      for (const [i, n] of overdue.entries()) results[n] = again[i] as TransformResult;
    }
    return results;
  }

  private ask(jobs: readonly TransformJob[]): Promise<TransformResult[]> {
    return new Promise((resolve, reject) => {
      this.serials += 1;
      const asked: Asked = { jobs, failures: new Map(), resolve, reject };
      this.asked.set(this.serials, asked);
      this.send(this.serials, asked);
      this.watch();
    });
  }

  async close(): Promise<void> {
    clearInterval(this.watching);
    const { worker } = this;
    this.worker = undefined;
    for (const { reject } of this.asked.values()) reject(new Error('the transformer was closed'));
    this.asked.clear();
    await worker?.terminate();
  }

  private send(serial: number, { jobs, failures }: Asked): void {
    this.worker ??= this.start();
    // What has failed is not tried again.
    const left = jobs.filter((_, n) => !failures.has(n));
    this.worker.postMessage({ serial, jobs: left } satisfies TransformRequest);
  }

  private start(): Worker {
    const progress = new SharedArrayBuffer(4 * Object.keys(PROGRESS).length);
    this.progress = new Int32Array(progress);
    const data: WorkerData = { limits: this.limits, progress };
    const worker = new Worker(new URL('./transform-worker.js', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      env: {},
    });
    worker.unref();
    worker.on('message', (answer: TransformAnswer) => this.answered(answer));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === MEMORY) this.scatter(worker);
      this.died(worker, error.message);
    });
    this.seenCount = -1;
    this.seenAt = performance.now();
    worker.on('exit', () => this.died(worker, 'it ended'));
    return worker;
  }

  private answered({ serial, results }: TransformAnswer): void {
    const asked = this.asked.get(serial);
    if (asked === undefined) return;
    this.deaths = 0;
    this.asked.delete(serial);
    const rest = results.values();
    asked.resolve(asked.jobs.map((_, n) => asked.failures.get(n) ?? (rest.next().value as TransformResult)));
    if (this.asked.size === 0) {
      clearInterval(this.watching);
      this.watching = undefined;
    }
  }

  /** Looks whether the worker gets on. */
  private watch(): void {
    this.watching ??= setInterval(() => this.look(), this.limits.timeoutMs / 2);
  }

  private look(): void {
    const count = Atomics.load(this.progress, PROGRESS.count);
    const isBusy = Atomics.load(this.progress, PROGRESS.job) > 0;
    if (count !== this.seenCount || !isBusy) {
      this.seenCount = count;
      this.seenAt = performance.now();
    } else if (performance.now() - this.seenAt > PATIENCE * this.limits.timeoutMs) {
      const { worker } = this;
      if (worker !== undefined) this.died(worker, `it took over ${this.limits.timeoutMs} ms and was ended`);
    }
  }

  /** What several events share is given back, to be tried one by one. */
  private scatter(worker: Worker): void {
    if (worker !== this.worker) return;
    for (const [serial, { jobs, reject }] of this.asked) {
      if (jobs.length === 1) continue;
      this.asked.delete(serial);
      reject(new OutOfMemory());
    }
  }

  /** The job that it was at has failed; all others go to another worker. */
  private died(worker: Worker, why: string): void {
    if (worker !== this.worker) return;
    this.worker = undefined;
    void worker.terminate();
    const serial = Atomics.load(this.progress, PROGRESS.serial);
    const job = Atomics.load(this.progress, PROGRESS.job);
    const culprit = job > 0 ? this.asked.get(serial) : undefined;
    if (culprit !== undefined) {
      const left = culprit.jobs.flatMap((_, n) => (culprit.failures.has(n) ? [] : [n]));
      culprit.failures.set(left[job - 1] as number, { error: `the transform was given up: ${why}` });
      this.deaths = 0;
    } else this.deaths += 1;
    if (this.deaths > MOST_DEATHS) this.giveUp(why);
    else for (const [number, asked] of this.asked) this.send(number, asked);
  }

  private giveUp(why: string): void {
    this.deaths = 0;
    for (const { reject } of this.asked.values()) reject(new Error(`transforms cannot be evaluated: ${why}`));
    this.asked.clear();
  }
}
