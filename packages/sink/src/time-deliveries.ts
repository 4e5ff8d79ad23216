import { labelOf, type Metrics, type Report, succeededOf } from '@millrace/host';
import type { Delivery } from '@millrace/streams';

/** Seconds; what was parked takes the longer ones. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/**
 * Measures how long events took from their topic to their delivery. An entry's id begins with the milliseconds at which the
 * topic got it; other events often came in the same one. When the gateway accepted the event is another entry's id, for which
 * `EndToEnd` asks.
 */
export const timeDeliveries = (metrics: Metrics, hop: string): Report => {
  const histogram = metrics.batchHistogram(
    'millrace_delivery_seconds',
    'Time from the entry into its topic to delivery; a retry, redrive or replay counts from the first entry',
    ['hop', 'topic'],
    BOUNDS,
  );
  return (settled) => {
    const deliveries = succeededOf(settled);
    const now = Date.now();
    for (let from = 0; from < deliveries.length; ) {
      const first = deliveries[from] as Delivery;
      const { stream, position } = first;
      const came = position.slice(0, position.indexOf('-') + 1);
      let to = from + 1;
      while (deliveries[to]?.stream === stream && deliveries[to]?.position.startsWith(came)) to += 1;
      const seconds = Math.max(0, now - Number.parseInt(came, 10)) / 1000;
      histogram.observe({ hop, topic: settled.label ?? labelOf(first) }, seconds, to - from);
      from = to;
    }
  };
};
