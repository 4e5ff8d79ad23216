import { Pace } from '@millrace/host';
import type { Copy, RouteTable, Transformed, Transformer, TransformJob } from '@millrace/routes';
import type { Batch, Delivery, Outcome } from '@millrace/streams';
import { copiesOf, forwardCopies, routeEvent } from './route-event.js';

/**
 * What becomes of each delivery of a batch, by one table: all is decided first, and what the batch needs is transformed
 * together. Events that take long to match leave the event loop its turns, so the lease of the partition is held.
 */
export const routeBatch = async (
  { deliveries }: Batch,
  table: RouteTable,
  transformer: Transformer,
): Promise<ReadonlyMap<Delivery, Outcome>> =>
  table.transforms
    ? routeTransforming(deliveries, table, transformer)
    : decide(deliveries, (delivery, pace) => routeEvent(delivery, table, pace));

const routeTransforming = async (
  deliveries: readonly Delivery[],
  table: RouteTable,
  transformer: Transformer,
): Promise<ReadonlyMap<Delivery, Outcome>> => {
  const decided = await decide(deliveries, (delivery, pace) => copiesOf(delivery, table, pace));
  const jobs: TransformJob[] = [];
  const places = new Map<Delivery, Map<string, number>>();
  for (const [delivery, copies] of decided) {
    if ('kind' in copies) continue;
    const place = new Map<string, number>();
    for (const { route } of copies) {
      if (route?.transform === undefined || place.has(route.name)) continue;
      place.set(route.name, jobs.push({ expression: route.transform, json: delivery.event.json }) - 1);
    }
    places.set(delivery, place);
  }
  const results: readonly Transformed[] = await transformer.run(jobs);
  const outcomeOf = (delivery: Delivery, copies: readonly Copy[] | Outcome): Outcome =>
    'kind' in copies
      ? copies
      : forwardCopies(delivery, copies, (route) => results[places.get(delivery)?.get(route) as number]);
  return new Map(Array.from(decided, ([delivery, copies]) => [delivery, outcomeOf(delivery, copies)]));
};

const decide = async <T>(
  deliveries: readonly Delivery[],
  decideOn: (delivery: Delivery, pace: Pace) => T | Promise<T>,
): Promise<ReadonlyMap<Delivery, T>> => {
  const decided = new Map<Delivery, T>();
  const pace = new Pace();
  for (const delivery of deliveries) {
    const outcome = decideOn(delivery, pace);
    decided.set(delivery, outcome instanceof Promise ? await outcome : outcome);
    if (pace.isDue) await pace.rest();
  }
  return decided;
};
