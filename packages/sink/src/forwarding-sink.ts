import type { Delivery } from '@millrace/streams';

/** A sink that writes nothing by itself: it sends events on to other streams of their partition. */
export interface ForwardingSink {
  /**
   * Names of the streams that an event goes to, as it is; none, and the event is acknowledged. The copies and the
   * acknowledgement are one atomic step. Called once for each delivery of a batch, in order. Throws, or rejects with, `Unavailable` while
   * it cannot tell: nothing is counted and the same batch comes again. Any other error retries the whole batch.
   */
  streamsOf(topic: string, delivery: Delivery): readonly string[] | Promise<readonly string[]>;
}
