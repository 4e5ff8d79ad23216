import type { Batch } from '@millrace/streams';

/** Takes the batches of a sink app and settles them. */
export interface BatchTaker {
  /** Name in the health report of what it cannot work without. */
  readonly needs: string;
  /** Rejects with `Unavailable` while that is away. */
  deliver(batch: Batch): Promise<void>;
  /** Whether a topic is not to be read now, because what it is delivered to is away while others are not. */
  holds?(topic: string): boolean;
}

/** Token of a sink app's taker. */
export const BATCH_TAKER = Symbol('batch taker');
