import type { ChildLimits, JobFailure } from '@millrace/expressions';

/** One event to be transformed. */
export interface TransformJob {
  /** JSONata over the whole event. */
  readonly expression: string;
  /** The event. */
  readonly json: string;
}

/** What became of it: the event as it is now, or why not. */
export type TransformResult = { readonly type: string; readonly json: string } | JobFailure;

/** What a transform may take: `timeoutMs` of one evaluation, `memoryMb` of the process that evaluates. */
export interface TransformLimits extends ChildLimits {
  /** Bytes of the event that comes out. */
  readonly maxBytes: number;
}

/** What the process is sent for each event. */
export interface LimitedTransformJob extends TransformJob {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}
