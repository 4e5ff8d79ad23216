import type { Logger, Metrics } from '@millrace/host';
import { type Delivery, type Outcome, type Settlement, topicOf } from '@millrace/streams';

/** A topic by its name, any other stream (`hook:billing`) by its own. */
const labelOf = (stream: string): string => topicOf(stream) ?? stream;

/** Counts and tells what became of deliveries that were settled. */
export class DeliveryReport {
  private readonly deliveries;

  constructor(
    private readonly hop: string,
    private readonly log: Logger,
    metrics: Metrics,
    /** What a delivery came to that took effect as asked. */
    private readonly success: 'delivered' | 'forwarded' = 'delivered',
  ) {
    this.deliveries = metrics.counter('millrace_deliveries_total', 'Deliveries by what became of them', [
      'hop',
      'topic',
      'outcome',
    ]);
  }

  /**
   * `settled` were given to one call of `settle`, with these outcomes; those without one were acknowledged. They are
   * counted under the streams they came from, or under `label`.
   */
  add(
    settled: readonly Delivery[],
    settlement: Settlement,
    outcomes: ReadonlyMap<Delivery, Outcome>,
    label?: string,
  ): void {
    const { stale, parked, dead } = settlement;
    const failed = new Set([...stale, ...parked, ...dead]);
    const succeeded = settled.filter((delivery) => !failed.has(delivery));
    this.count(succeeded, this.success, label);
    this.count(stale, 'stale', label);
    this.count(parked, 'retried', label);
    this.count(dead, 'dead', label);
    for (const delivery of dead) this.tell(delivery, outcomes.get(delivery));
  }

  private count(deliveries: readonly Delivery[], outcome: string, label: string | undefined): void {
    const events = new Map<string, number>();
    for (const { stream } of deliveries) {
      const topic = label ?? labelOf(stream);
      events.set(topic, (events.get(topic) ?? 0) + 1);
    }
    for (const [topic, n] of events) this.deliveries.inc({ hop: this.hop, topic, outcome }, n);
  }

  private tell(delivery: Delivery, outcome: Outcome | undefined): void {
    const why = outcome !== undefined && 'cause' in outcome ? outcome.cause.message : 'out of attempts';
    const { stream, position, attempt } = delivery;
    this.log.warn({ stream, position, attempt }, `dead-lettered: ${why}`);
  }
}
