/** Why there is no result for a job. */
export interface JobFailure {
  /** In a sentence. */
  readonly error: string;
  /** The character of the expression at which it failed, where that is known. */
  readonly position?: number;
  /**
   * `overdue`: it took too long, or ended the process, each time it was tried; `crowded`: there was no room or no
   * time for it beside the others, so it may be asked again; else it fails every time.
   */
  readonly kind?: 'overdue' | 'crowded';
}

/** What the parent sends: jobs that are done one after the other. */
export interface JobRequest {
  readonly jobs: readonly unknown[];
}

/** What the child sends: first that it is there, then what it has done since it said so last, in the order of the jobs. */
export type JobAnswer = 'ready' | readonly unknown[];
