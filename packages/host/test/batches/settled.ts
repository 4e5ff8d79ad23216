import type { Batch, Delivery, Outcome, Settlement } from '@millrace/streams';

export const NOTHING: Settlement = { stale: [], parked: [], dead: [] };

/** A delivery of a stream, by its number. */
export const delivery = (n: number, stream = 'topic:orders'): Delivery => ({
  event: { type: 't', json: JSON.stringify({ specversion: '1.0', id: `e${n}`, source: '/s', type: 't' }) },
  attempt: 1,
  position: `${n}-0`,
  stream,
  partition: 0,
});

/** A batch, and what each of its deliveries was settled as. */
export const batchOf = (deliveries: readonly Delivery[], settlement = NOTHING): { batch: Batch; asked: Outcome[] } => {
  const asked: Outcome[] = [];
  const settle: Batch['settle'] = async (outcomeOf) => {
    asked.push(...deliveries.map(outcomeOf));
    return settlement;
  };
  return { batch: { deliveries, settle }, asked };
};
