import { type Delivery, topicOf } from '@millrace/streams';
import type { Metrics } from '../metrics/metrics.js';
import { succeededOf } from './batch-handler.js';
import type { Report } from './reported.js';

/** How deliveries are counted. */
export interface CountOptions {
  /** Name of the process. */
  readonly hop: string;
  /** What a delivery came to of which became what was asked for. */
  readonly success: 'delivered' | 'forwarded' | 'routed';
}

/** A topic by its name, any other stream (`hook:billing`) by its own. */
export const labelOf = ({ stream }: Delivery): string => topicOf(stream) ?? stream;

/** Counts deliveries by what became of them. */
export const countDeliveries = (metrics: Metrics, { hop, success }: CountOptions): Report => {
  const counter = metrics.counter('millrace_deliveries_total', 'Deliveries by outcome', ['hop', 'topic', 'outcome']);
  const count = (outcome: string, deliveries: readonly Delivery[], label: string | undefined): void => {
    for (const [topic, events] of eventsByLabel(deliveries, label)) counter.inc({ hop, topic, outcome }, events);
  };
  return (settled) => {
    const { settlement, outcomes, label } = settled;
    const { stale, parked, dead } = settlement;
    const waits = (delivery: Delivery): boolean => outcomes.get(delivery)?.kind === 'wait';
    count(success, succeededOf(settled), label);
    count('stale', stale, label);
    count(
      'retried',
      parked.filter((delivery) => !waits(delivery)),
      label,
    );
    count('waiting', parked.filter(waits), label);
    count('dead', dead, label);
  };
};

const eventsByLabel = (deliveries: readonly Delivery[], label: string | undefined): ReadonlyMap<string, number> => {
  const events = new Map<string, number>();
  if (deliveries.length > 0 && label !== undefined) return events.set(label, deliveries.length);
  for (const delivery of deliveries) {
    const of = labelOf(delivery);
    events.set(of, (events.get(of) ?? 0) + 1);
  }
  return events;
};
