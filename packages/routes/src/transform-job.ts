/** One event to be transformed. */
export interface TransformJob {
  /** JSONata over the whole event. */
  readonly expression: string;
  /** The event. */
  readonly json: string;
}

/** What became of it: the event as it is now, or why not. */
export type TransformResult =
  | { readonly type: string; readonly json: string }
  | { readonly error: string; readonly position?: number; readonly isOverdue?: boolean };

/** What a transform may take. */
export interface TransformLimits {
  /** Milliseconds of one evaluation. */
  readonly timeoutMs: number;
  /** Bytes of the event that comes out. */
  readonly maxBytes: number;
}

/** What the worker is asked. */
export interface TransformRequest {
  readonly serial: number;
  readonly jobs: readonly TransformJob[];
}

/** What it answers, in the order of the jobs. */
export interface TransformAnswer {
  readonly serial: number;
  readonly results: readonly TransformResult[];
}

/** Given to the worker when it starts. */
export interface WorkerData {
  readonly limits: TransformLimits;
  /** `PROGRESS` says what stands where. */
  readonly progress: SharedArrayBuffer;
}

/** What the worker is doing, for whoever watches it: places in an `Int32Array`. */
export const PROGRESS = {
  /** Serial of the request. */
  serial: 0,
  /** The how manieth of its jobs, from 1; 0: none. */
  job: 1,
  /** Goes up with every job. */
  count: 2,
} as const;
