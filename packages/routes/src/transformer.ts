import { ExpressionProcess } from '@millrace/expressions';
import { type StreamedEvent, Unavailable } from '@millrace/streams';
import { type TransformError, transformError } from './transform.js';
import type { LimitedTransformJob, TransformJob, TransformLimits, TransformResult } from './transform-job.js';

/** The event as it is now, or why not: `Unavailable` where there was no room or no time for it beside the others. */
export type Transformed = StreamedEvent | TransformError | Unavailable;

/** Transforms events in a process of their own, which no expression outlives that takes too long or too much memory. */
export class Transformer {
  private readonly process: ExpressionProcess<LimitedTransformJob, StreamedEvent>;

  constructor(private readonly limits: TransformLimits) {
    this.process = new ExpressionProcess(new URL('./transform-process.js', import.meta.url), {
      ...limits,
      jobLength: ({ expression, json }) => expression.length + json.length,
      resultLength: ({ json }) => json.length,
      programOf: ({ expression }) => expression,
    });
  }

  /** Results in order. Rejects where no process can be kept alive. */
  async run(jobs: readonly TransformJob[]): Promise<Transformed[]> {
    const { timeoutMs, maxBytes } = this.limits;
    const results = await this.process.run(jobs.map((job) => ({ ...job, timeoutMs, maxBytes })));
    return results.map((result, n) => transformed((jobs[n] as TransformJob).expression, result));
  }

  close(): void {
    this.process.close();
  }
}

const transformed = (expression: string, result: TransformResult): Transformed => {
  if (!('error' in result)) return result;
  // That says nothing of this event: it waits, uncounted, for its turn.
  if (result.kind === 'crowded') return new Unavailable(result.error);
  return transformError(expression, { ...result, message: result.error });
};
