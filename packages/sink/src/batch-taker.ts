import type { Batch } from '@millrace/streams';

/** Takes the batches of a sink app and settles them. */
export interface BatchTaker {
  /** Name in the health report of what it cannot work without. */
  readonly needs: string;
  /** Rejects with `Unavailable` while that is away. */
  deliver(batch: Batch): Promise<void>;
}

/** Token of a sink app's taker. */
export const BATCH_TAKER = Symbol('batch taker');
