import type { DecideBatch } from '@millrace/host';

/** Takes the batches of a sink app, and says what is to become of them. */
export interface BatchTaker {
  /** Name in the health report of what it cannot work without. */
  readonly needs: string;
  /** Rejects with `Unavailable` while that is away. */
  readonly take: DecideBatch;
  /** Whether a topic is not to be read now, because what it is delivered to is away while others are not. */
  holds?(topic: string): boolean;
}

/** Token of a sink app's taker. */
export const BATCH_TAKER = Symbol('batch taker');
