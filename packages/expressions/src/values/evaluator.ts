import { ExpressionProcess } from '../process/expression-process.js';
import type { ChildLimits } from '../process/job-child.js';
import type { JobFailure } from '../process/messages.js';
import type { LimitedValuesJob, Values, ValuesJob } from './values-job.js';

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);

/** Evaluates expressions over events in a process of their own, within limits of time and memory. */
export class Evaluator {
  private readonly process: ExpressionProcess<LimitedValuesJob, Values>;

  constructor(private readonly limits: ChildLimits) {
    this.process = new ExpressionProcess(new URL('./values-process.js', import.meta.url), {
      ...limits,
      jobLength: ({ expressions, json }) => lengthOf(expressions) + json.length,
      resultLength: ({ values }) => lengthOf(values),
      programOf: ({ expressions }) => expressions.join('\n'),
    });
  }

  /** Values in the order of the jobs, or why there are none. Rejects where no process can be kept alive. */
  run(jobs: readonly ValuesJob[]): Promise<(Values | JobFailure)[]> {
    const { timeoutMs } = this.limits;
    return this.process.run(jobs.map((job) => ({ ...job, timeoutMs })));
  }

  /** What is in flight is rejected. */
  close(): void {
    this.process.close();
  }
}
