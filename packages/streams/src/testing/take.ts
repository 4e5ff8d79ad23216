import type { Batch, Consumer, Delivery, Outcome } from '../contract.js';

/** The outcome of everything that went well. */
export const ACK: Outcome = { kind: 'ack' };

/**
 * Consumes until `enough` says so, giving each delivery the outcome that `outcomeOf` decides. Gives all deliveries seen,
 * in order. Rejects after 25 seconds.
 */
export const consume = async (
  consumer: Consumer,
  enough: (seen: readonly Delivery[]) => boolean,
  outcomeOf: (delivery: Delivery) => Outcome = () => ACK,
): Promise<Delivery[]> => {
  const seen: Delivery[] = [];
  const deadline = AbortSignal.timeout(25_000);
  for await (const batch of consumer.batches(deadline)) {
    await batch.settle(outcomeOf);
    seen.push(...batch.deliveries);
    if (enough(seen)) return seen;
  }
  throw new Error(`gave up after 25 seconds with ${seen.length} deliveries`);
};

/** A batch that is held by a consumer, which stays open until `letGo`. */
export interface HeldBatch {
  readonly batch: Batch;
  letGo(): Promise<void>;
}

/** Reads one batch and holds it, as a consumer does that is busy with it. */
export const hold = async (consumer: Consumer): Promise<HeldBatch> => {
  const iterator = consumer.batches(AbortSignal.timeout(25_000))[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new Error('no batch came within ten seconds');
  return {
    batch: first.value,
    letGo: async () => {
      await iterator.return?.();
    },
  };
};
