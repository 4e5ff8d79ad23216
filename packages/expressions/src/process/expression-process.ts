import { setTimeout as delay } from 'node:timers/promises';
import { type ChildLimits, JobChild, type Keep, OUT_OF_MEMORY } from './job-child.js';
import type { JobFailure } from './messages.js';

/** What an expression process may take, and how large jobs and results are. */
export interface ProcessOptions<Job, Result> extends ChildLimits {
  /** Characters of a job, and of a result. */
  readonly jobLength: (job: Job) => number;
  readonly resultLength: (result: Result) => number;
  /** The program of a job: of one that ends the process again and again, the rest is put off. */
  readonly programOf: (job: Job) => string;
}

/** So often a child may fail to start, one after the other, before the jobs are given up. */
const MOST_STARTS = 5;
const BACKOFF_MS = { first: 50, most: 2000 };
/**
 * So often a job that took too long, or whose process was killed, is tried in all: on a machine with much to do it may be nobody's
 * fault. One that took too much memory would do so again.
 */
const TRIES = 3;
/** Where more of a slice do, it is the expression that is to blame, and they are not tried again. */
const MOST_TRIED_AGAIN = 10;
/** Characters of jobs that are in the child at once, with what is made of them. */
const SLICE_LENGTH = 4 * 1024 * 1024;
/** Characters that the results of one call may have beyond those of its jobs: an expression may make a megabyte of nothing. */
const ADDED_LENGTH = 32 * 1024 * 1024;
const CROWDED: JobFailure = { error: 'the results of the other events of its batch filled the limit', kind: 'crowded' };

const PUT_OFF: JobFailure = { error: 'its expression crashed the process too often', kind: 'crowded' };

const isFailure = (result: object): result is JobFailure => 'error' in result;
const mayBeTriedAgain = (result: object): boolean =>
  isFailure(result) && result.kind === 'overdue' && !result.error.endsWith(OUT_OF_MEMORY);
const givenUp = (why: string): JobFailure => ({ error: `the expression was aborted: ${why}`, kind: 'overdue' });

/**
 * Evaluates expressions in a process of their own, by the module `entry`, which calls `answerJobs`. An expression is a program:
 * what takes too long is killed, and what takes too much memory ends that process alone. The jobs beside it are done in the next
 * one. Starts the process at the first job.
 */
export class ExpressionProcess<Job, Result extends object> {
  private child: JobChild<Result> | undefined;
  /** Takes the place of the child where that ends: starting one takes much longer than most jobs. */
  private spare: Promise<JobChild<Result> | undefined> | undefined;
  /** How many children ended at their work. */
  private ends = 0;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(
    private readonly entry: URL,
    private readonly options: ProcessOptions<Job, Result>,
  ) {}

  /** Results in the order of the jobs. Rejects where no process can be kept alive, and once this is closed. */
  async run(jobs: readonly Job[]): Promise<(Result | JobFailure)[]> {
    const results: (Result | JobFailure)[] = [];
    const keep = this.keeper(jobs);
    const { ends } = this;
    for (let from = 0; from < jobs.length; ) {
      const slice = jobs.slice(from, this.endOfSlice(jobs, from));
      from += slice.length;
      for (const one of await this.inTurn(() => this.runSlice(slice, keep))) results.push(one);
    }
    if (this.ends === ends) this.dropSpare();
    return results;
  }

  /** What is in flight is rejected. */
  close(): void {
    this.closing.abort();
  }

  /** Keeps results while there is room for them. */
  private keeper(jobs: readonly Job[]): Keep<Result> {
    let left = jobs.reduce((sum, job) => sum + this.options.jobLength(job), ADDED_LENGTH);
    return (result) => {
      if (isFailure(result)) return result;
      if (left <= 0) return CROWDED;
      left -= this.options.resultLength(result);
      return result;
    };
  }

  private endOfSlice(jobs: readonly Job[], from: number): number {
    let length = 0;
    let to = from;
    while (to < jobs.length) {
      length += this.options.jobLength(jobs[to] as Job);
      if (to > from && length > SLICE_LENGTH) break;
      to += 1;
    }
    return to;
  }

  /** One slice at a time is in the child: so it is known what it was at. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** What took too long is tried again at once: put off, it would be overtaken by later events of its key. */
  private async runSlice(jobs: readonly Job[], keep: Keep<Result>): Promise<(Result | JobFailure)[]> {
    const results = await this.runOnce(jobs, keep);
    for (let tries = 1; tries < TRIES; tries += 1) {
      const overdue = results.flatMap((result, n) => (mayBeTriedAgain(result) ? [n] : []));
      if (overdue.length === 0 || overdue.length > MOST_TRIED_AGAIN) break;
      for (const n of overdue) {
        const [again] = await this.runOnce([jobs[n] as Job], keep);
        results[n] = again as Result | JobFailure;
      }
    }
    return results;
  }

  /** Where the child ends, nobody knows yet which job it was: those that are left are tried alone until one ends it again. */
  private async runOnce(jobs: readonly Job[], keep: Keep<Result>): Promise<(Result | JobFailure)[]> {
    const results: (Result | JobFailure)[] = [];
    let isAlone = false;
    const ends = new Map<string, number>();
    while (results.length < jobs.length) {
      const program = this.options.programOf(jobs[results.length] as Job);
      if ((ends.get(program) ?? 0) > MOST_TRIED_AGAIN) {
        results.push(PUT_OFF);
        continue;
      }
      const asked = jobs.slice(results.length, isAlone ? results.length + 1 : undefined);
      const answered = await (await this.alive()).ask(asked, keep);
      if (this.isClosed) throw new Error('the process of expressions was closed');
      for (const one of answered.results) results.push(one);
      if (answered.end === undefined) continue;
      this.ends += 1;
      const isKnown = asked.length === 1;
      if (isKnown) results.push(givenUp(answered.end));
      if (isKnown) ends.set(program, (ends.get(program) ?? 0) + 1);
      isAlone = !isKnown || (ends.get(program) ?? 0) > MOST_TRIED_AGAIN;
    }
    return results;
  }

  private async alive(): Promise<JobChild<Result>> {
    if (this.child?.hasEnded === true) {
      this.child = await this.spare;
      // What ended one is likely to come again.
      this.spare = this.start().catch(() => undefined);
    }
    for (let starts = 1; this.child === undefined || this.child.hasEnded; starts += 1) {
      if (this.isClosed) throw new Error('the process of expressions was closed');
      try {
        this.child = await this.start();
      } catch (cause) {
        const { message } = cause as Error;
        if (starts >= MOST_STARTS) throw new Error(`expressions cannot be evaluated: ${message}`, { cause });
        await delay(Math.min(BACKOFF_MS.first * 2 ** starts, BACKOFF_MS.most));
      }
    }
    return this.child;
  }

  private start(): Promise<JobChild<Result>> {
    return JobChild.start<Result>(this.entry, this.options, this.closing.signal);
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private dropSpare(): void {
    void this.spare?.then((spare) => spare?.kill('it is not needed'));
    this.spare = undefined;
  }
}
