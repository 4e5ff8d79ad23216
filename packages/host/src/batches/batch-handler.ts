import type { Batch, Delivery, Outcome, Settlement } from '@millrace/streams';
import type { BatchSpans } from '../tracing/tracing.js';

/** What a decision may ask beside the batch. */
export interface BatchContext {
  /** Spans of the batch, where some of its events are of a sampled trace. */
  readonly spans?: BatchSpans;
}

/** What is to become of a batch: deliveries without an outcome are acknowledged. Rejects where nothing is to be settled. */
export type DecideBatch = (batch: Batch, context: BatchContext) => Promise<ReadonlyMap<Delivery, Outcome>>;

/** Deliveries that were settled together. */
export interface SettledBatch {
  readonly deliveries: readonly Delivery[];
  readonly settlement: Settlement;
  /** What was asked for; those without an outcome were acknowledged. */
  readonly outcomes: ReadonlyMap<Delivery, Outcome>;
  /** What they are counted under. Default: each under the topic, or else the stream, that it came from. */
  readonly label?: string;
}

/** Decides about a batch and settles it. Rejects where it was not settled. */
export type HandleBatch = (batch: Batch, context: BatchContext) => Promise<SettledBatch>;

/** Does something around the handling of every batch. */
export type BatchMiddleware = (next: HandleBatch) => HandleBatch;

const ACK: Outcome = { kind: 'ack' };
const NO_CONTEXT: BatchContext = {};

/** A handler that settles batches as they are decided, inside of middleware, of which the first is the outermost. */
export const batchHandler = (
  decide: DecideBatch,
  middleware: readonly BatchMiddleware[],
): ((batch: Batch) => Promise<void>) => {
  const settle: HandleBatch = async (batch, context) => {
    const outcomes = await decide(batch, context);
    const settlement = await batch.settle((delivery) => outcomes.get(delivery) ?? ACK);
    return { deliveries: batch.deliveries, settlement, outcomes };
  };
  const handle = middleware.reduceRight((next, around) => around(next), settle);
  return async (batch) => {
    await handle(batch, NO_CONTEXT);
  };
};

/** Deliveries of which became what was asked for. */
export const succeededOf = ({ deliveries, settlement }: SettledBatch): readonly Delivery[] => {
  const { stale, parked, dead } = settlement;
  if (stale.length + parked.length + dead.length === 0) return deliveries;
  const failed = new Set([...stale, ...parked, ...dead]);
  return deliveries.filter((delivery) => !failed.has(delivery));
};
