import type { Copy, RouteTable, Transformed, Transformer, TransformJob } from '@millrace/routes';
import type { Batch, Delivery, Outcome } from '@millrace/streams';
import { copiesOf, forwardCopies, routeEvent } from './route-event.js';

/**
 * What becomes of each delivery of a batch, by one table. Where a route transforms, all that the batch needs is transformed
 * first; else it is decided as it is asked for.
 */
export const routeBatch = async (
  { deliveries }: Batch,
  table: RouteTable,
  transformer: Transformer,
): Promise<(delivery: Delivery) => Outcome> => {
  if (!table.transforms) return (delivery) => routeEvent(delivery, table);
  const jobs: TransformJob[] = [];
  const places = new Map<Delivery, Map<string, number>>();
  const decided = new Map<Delivery, readonly Copy[] | Outcome>();
  for (const delivery of deliveries) {
    const copies = copiesOf(delivery, table);
    decided.set(delivery, copies);
    if ('kind' in copies) continue;
    const place = new Map<string, number>();
    for (const { route } of copies) {
      if (route?.transform === undefined || place.has(route.name)) continue;
      place.set(route.name, jobs.push({ expression: route.transform, json: delivery.event.json }) - 1);
    }
    places.set(delivery, place);
  }
  const results: readonly Transformed[] = await transformer.run(jobs);
  return (delivery) => {
    const copies = decided.get(delivery) as readonly Copy[] | Outcome;
    if ('kind' in copies) return copies;
    return forwardCopies(delivery, copies, (route) => results[places.get(delivery)?.get(route) as number]);
  };
};
