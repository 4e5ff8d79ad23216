import { type AboutDelivery, aboutDelivery, type Logger, type Metrics } from '@millrace/host';
import { type Delivery, type Outcome, type Settlement, topicOf } from '@millrace/streams';
import type { EndToEnd } from './end-to-end.js';

/** How a report counts. */
export interface ReportOptions {
  /** What a delivery came to that took effect as asked. Default `delivered`. */
  readonly success?: 'delivered' | 'forwarded';
  /** Samples how long events were under way in all. Default: nobody. */
  readonly endToEnd?: EndToEnd;
}

/** A topic by its name, any other stream (`hook:billing`) by its own. */
const labelOf = (stream: string): string => topicOf(stream) ?? stream;

/** Seconds; what was parked takes the longer ones. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Counts and tells what became of deliveries that were settled. */
export class DeliveryReport {
  private readonly deliveries;
  private readonly seconds;

  constructor(
    private readonly hop: string,
    private readonly log: Logger,
    metrics: Metrics,
    private readonly options: ReportOptions = {},
  ) {
    this.deliveries = metrics.counter('millrace_deliveries_total', 'Deliveries by what became of them', [
      'hop',
      'topic',
      'outcome',
    ]);
    this.seconds = metrics.batchHistogram(
      'millrace_delivery_seconds',
      'From the entry into its topic until it was delivered; a retry, redrive or replay counts from the first time',
      ['hop', 'topic'],
      BOUNDS,
    );
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
    this.count(succeeded, this.options.success ?? 'delivered', label);
    this.sample(succeeded, label);
    this.time(succeeded, label);
    this.count(stale, 'stale', label);
    const waits = (delivery: Delivery) => outcomes.get(delivery)?.kind === 'wait';
    this.count(
      parked.filter((delivery) => !waits(delivery)),
      'retried',
      label,
    );
    this.count(parked.filter(waits), 'waiting', label);
    this.count(dead, 'dead', label);
    for (const delivery of dead) this.log.warn(about(delivery, outcomes), 'dead-lettered');
    if (parked.length > 0 && this.log.isLevelEnabled('debug')) {
      for (const delivery of parked) this.log.debug(about(delivery, outcomes), 'delivery failed; retry scheduled');
    }
  }

  private sample(delivered: readonly Delivery[], label: string | undefined): void {
    // Any of them, and with it its topic: not always the first, which waited longest for the others.
    const one = delivered[Math.floor(Math.random() * delivered.length)];
    if (one !== undefined) void this.options.endToEnd?.sample(one, label ?? labelOf(one.stream));
  }

  private count(deliveries: readonly Delivery[], outcome: string, label: string | undefined): void {
    const events = new Map<string, number>();
    for (const { stream } of deliveries) {
      const topic = label ?? labelOf(stream);
      events.set(topic, (events.get(topic) ?? 0) + 1);
    }
    for (const [topic, n] of events) this.deliveries.inc({ hop: this.hop, topic, outcome }, n);
  }

  /**
   * An entry's id begins with the milliseconds at which the topic got it; neighbours often came in the same one. When the
   * gateway took the event in is another entry's id, for which `EndToEnd` asks.
   */
  private time(deliveries: readonly Delivery[], label: string | undefined): void {
    const now = Date.now();
    for (let from = 0; from < deliveries.length; ) {
      const { stream, position } = deliveries[from] as Delivery;
      const came = position.slice(0, position.indexOf('-') + 1);
      let to = from + 1;
      while (deliveries[to]?.stream === stream && deliveries[to]?.position.startsWith(came)) to += 1;
      const seconds = Math.max(0, now - Number.parseInt(came, 10)) / 1000;
      this.seconds.observe({ hop: this.hop, topic: label ?? labelOf(stream) }, seconds, to - from);
      from = to;
    }
  }
}

const about = (delivery: Delivery, outcomes: ReadonlyMap<Delivery, Outcome>): AboutDelivery => {
  const outcome = outcomes.get(delivery);
  return aboutDelivery(delivery, outcome !== undefined && 'cause' in outcome ? outcome.cause : undefined);
};
