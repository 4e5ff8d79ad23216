import { Pace, type Tracing } from '@millrace/host';
import { type Batch, type Delivery, type Outcome, outcomeOfError, topicOf, Unavailable } from '@millrace/streams';
import type { BatchTaker } from './batch-taker.js';
import type { DeliveryReport } from './delivery-report.js';
import type { ForwardingSink } from './forwarding-sink.js';

/** Sends batches on to the streams that a sink names. Parses nothing: an entry goes on as it is. */
export class Forwarder implements BatchTaker {
  /** All that it needs is where the streams are. */
  readonly needs = 'redis';

  constructor(
    private readonly sink: ForwardingSink,
    private readonly report: DeliveryReport,
    private readonly tracing: Tracing,
    readonly group: string,
  ) {}

  /** Rejects with `Unavailable` where the sink says so. */
  async deliver(batch: Batch): Promise<void> {
    const spans = this.tracing.batch(batch.deliveries, this);
    try {
      const outcomes = await this.outcomesOf(batch.deliveries);
      const settlement = await batch.settle((delivery) => outcomes.get(delivery) as Outcome);
      spans?.settled(settlement, (delivery) => outcomes.get(delivery));
      this.report.add(batch.deliveries, settlement, outcomes);
    } catch (error) {
      spans?.failed(error as Error);
      throw error;
    }
  }

  private async outcomesOf(deliveries: readonly Delivery[]): Promise<ReadonlyMap<Delivery, Outcome>> {
    const outcomes = new Map<Delivery, Outcome>();
    const pace = new Pace();
    for (const delivery of deliveries) {
      outcomes.set(delivery, await this.outcomeOf(delivery));
      if (pace.isDue) await pace.rest();
    }
    return outcomes;
  }

  private async outcomeOf(delivery: Delivery): Promise<Outcome> {
    const { event, stream, position } = delivery;
    const from = { stream, position };
    try {
      const streams = await this.sink.streamsOf(topicOf(stream) ?? stream, delivery);
      return { kind: 'forward', to: streams.map((to) => ({ to, event, from })) };
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      return outcomeOfError(error as Error);
    }
  }
}
