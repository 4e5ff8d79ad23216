import { Pace } from '@millrace/host';
import { type Batch, type Delivery, type Outcome, outcomeOfError, topicOf, Unavailable } from '@millrace/streams';
import type { BatchTaker } from './batch-taker.js';
import type { ForwardingSink } from './forwarding-sink.js';

/** Sends batches on to the streams that a sink names. Parses nothing: an entry goes on as it is. */
export class Forwarder implements BatchTaker {
  /** All that it needs is where the streams are. */
  readonly needs = 'redis';

  constructor(private readonly sink: ForwardingSink) {}

  /** Rejects with `Unavailable` where the sink says so. */
  readonly take = async ({ deliveries }: Batch): Promise<ReadonlyMap<Delivery, Outcome>> => {
    const outcomes = new Map<Delivery, Outcome>();
    const pace = new Pace();
    for (const delivery of deliveries) {
      outcomes.set(delivery, await this.outcomeOf(delivery));
      if (pace.isDue) await pace.rest();
    }
    return outcomes;
  };

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
