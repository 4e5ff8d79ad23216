import { type CloudEvent, parseEvent } from '@millrace/events';
import type { Health, Logger, Metrics } from '@millrace/host';
import {
  type Batch,
  type Delivery,
  type Outcome,
  outcomeOfError,
  PermanentError,
  type Settlement,
  topicOf,
  Unavailable,
} from '@millrace/streams';
import type { Sink, SinkEvent } from './sink.js';

const ACK: Outcome = { kind: 'ack' };

const decode = (delivery: Delivery): CloudEvent | PermanentError => {
  try {
    return parseEvent(delivery.event.json);
  } catch (cause) {
    return new PermanentError(`not a CloudEvent: ${(cause as Error).message}`, { cause });
  }
};

/** Gives batches to a sink and settles them by what it says: decode, write, report. */
export class Deliverer {
  private readonly deliveries;
  private readonly seconds;

  constructor(
    private readonly sink: Sink,
    private readonly hop: string,
    private readonly log: Logger,
    private readonly health: Health,
    metrics: Metrics,
  ) {
    this.deliveries = metrics.counter('millrace_deliveries_total', 'Deliveries by what became of them', [
      'hop',
      'topic',
      'outcome',
    ]);
    this.seconds = metrics.histogram('millrace_write_seconds', 'Duration of one write of a batch', ['hop']);
    health.up('target');
  }

  /** Rejects with `Unavailable` where the sink says so. */
  async deliver(batch: Batch, signal: AbortSignal): Promise<void> {
    const outcomes = new Map<Delivery, Outcome>();
    const events: SinkEvent[] = [];
    for (const delivery of batch.deliveries) {
      const event = decode(delivery);
      if (event instanceof Error) outcomes.set(delivery, outcomeOfError(event));
      else events.push({ event, topic: topicOf(delivery.stream) ?? delivery.stream, delivery });
    }
    for (const { index, error } of await this.write(events, signal)) {
      outcomes.set((events[index] as SinkEvent).delivery, outcomeOfError(error));
    }
    const settlement = await batch.settle((delivery) => outcomes.get(delivery) ?? ACK);
    this.report(batch, settlement, outcomes);
  }

  private async write(events: readonly SinkEvent[], signal: AbortSignal) {
    if (events.length === 0) return [];
    const done = this.seconds.startTimer({ hop: this.hop });
    try {
      return (await this.sink.write(events, signal)) ?? [];
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      const cause = error instanceof Error ? error : new Error(String(error));
      return events.map((_, index) => ({ index, error: cause }));
    } finally {
      done();
    }
  }

  private report(batch: Batch, settlement: Settlement, outcomes: ReadonlyMap<Delivery, Outcome>): void {
    const { hop } = this;
    const counted = new Map<string, number>();
    const failed = new Set([...settlement.stale, ...settlement.parked, ...settlement.dead]);
    for (const delivery of batch.deliveries) {
      if (!failed.has(delivery)) counted.set(delivery.stream, (counted.get(delivery.stream) ?? 0) + 1);
    }
    const count = (delivery: Delivery, outcome: string) =>
      this.deliveries.inc({ hop, topic: topicOf(delivery.stream) ?? delivery.stream, outcome });
    for (const [stream, events] of counted) {
      this.deliveries.inc({ hop, topic: topicOf(stream) ?? stream, outcome: 'delivered' }, events);
    }
    for (const delivery of settlement.stale) count(delivery, 'stale');
    for (const delivery of settlement.parked) count(delivery, 'retried');
    for (const delivery of settlement.dead) {
      count(delivery, 'dead');
      this.tell(delivery, outcomes.get(delivery));
    }
  }

  private tell(delivery: Delivery, outcome: Outcome | undefined): void {
    const why = outcome !== undefined && 'cause' in outcome ? outcome.cause.message : 'out of attempts';
    const { stream, position, attempt } = delivery;
    this.log.warn({ stream, position, attempt }, `dead-lettered: ${why}`);
  }
}
