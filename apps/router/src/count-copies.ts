import type { Metrics, Report } from '@millrace/host';
import { topicOf } from '@millrace/streams';

/** Counts the copies that were sent to each topic. */
export const countCopies = (metrics: Metrics): Report => {
  const routed = metrics.counter('millrace_routed_total', 'Copies of events routed to each topic', ['topic']);
  return ({ outcomes }) => {
    const copies = new Map<string, number>();
    for (const outcome of outcomes.values()) {
      if (outcome.kind !== 'forward') continue;
      for (const { to } of outcome.to) copies.set(to, (copies.get(to) ?? 0) + 1);
    }
    for (const [to, events] of copies) routed.inc({ topic: topicOf(to) ?? to }, events);
  };
};
