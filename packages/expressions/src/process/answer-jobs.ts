import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ExpressionError } from '../expression.js';
import type { JobAnswer, JobFailure, JobRequest } from './messages.js';

/** How often what is done is reported: whoever watches has to see that it gets on. */
const TELL_EVERY_MS = 5;
/** Characters of results that are not reported yet. */
const TOLD_LENGTH = 1024 * 1024;
const ORPHAN_LOOK_MS = 1000;

const failed = (error: unknown): JobFailure => {
  if (!(error instanceof ExpressionError)) return { error: (error as Error)?.message ?? String(error) };
  const { message, position, isOverdue } = error;
  return {
    error: message,
    ...(position === undefined ? {} : { position }),
    ...(isOverdue ? { kind: 'overdue' } : {}),
  };
};

/** Resolves when the parent has taken it, so that no more is kept here than is reported at once. */
const tell = (answer: JobAnswer): Promise<void> =>
  new Promise((resolve) => process.send?.(answer, undefined, undefined, () => resolve()));

const answer = async <Job, Result>(
  jobs: readonly Job[],
  work: (job: Job) => Promise<Result>,
  sizeOf: (result: Result) => number,
): Promise<void> => {
  let results: (Result | JobFailure)[] = [];
  let length = 0;
  let toldAt = performance.now();
  for (const job of jobs) {
    try {
      const result = await work(job);
      results.push(result);
      length += sizeOf(result);
    } catch (error) {
      results.push(failed(error));
    }
    if (length < TOLD_LENGTH && performance.now() - toldAt < TELL_EVERY_MS) continue;
    await tell(results);
    results = [];
    length = 0;
    toldAt = performance.now();
  }
  if (results.length > 0) await tell(results);
};

/** Where memory is short in the whole container, this process goes before the one that started it. Linux alone. */
const goFirst = (): void => {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Elsewhere nobody can say so.
  }
};

/** A loop that never ends would outlive a parent that was killed: a thread looks after it. */
const endWithParent = (): void => {
  process.on('disconnect', () => process.exit());
  const look = `const parent = process.ppid;
    setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), ${ORPHAN_LOOK_MS});`;
  new Worker(look, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
};

/**
 * Makes this process the child of an `ExpressionProcess`: does the jobs that it is sent, one after the other, until the parent
 * is gone. `sizeOf` gives the characters of a result. What `work` rejects with is the answer for that job.
 */
export const answerJobs = <Job, Result>(
  work: (job: Job) => Promise<Result>,
  sizeOf: (result: Result) => number,
): void => {
  goFirst();
  endWithParent();
  // Signals for the whole group are the parent's to act on: it may have a batch to finish.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  let last = Promise.resolve();
  process.on('message', ({ jobs }: JobRequest) => {
    last = last.then(() => answer(jobs as readonly Job[], work, sizeOf));
  });
  void tell('ready');
};
