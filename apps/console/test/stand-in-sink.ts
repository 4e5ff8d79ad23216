import type { Delivery, Outcome } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';

/** A registered group of the topic `orders` that does with deliveries what it is told. */
export class StandInSink {
  readonly seen: Delivery[] = [];
  outcomeOf: (delivery: Delivery) => Outcome = () => ({ kind: 'ack' });
  private readonly stopping = new AbortController();
  private ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly transport: RedisTransport,
    readonly group = 'sink-a',
    private readonly options: object = {},
  ) {}

  async start(streams: readonly string[] = ['topic:orders']): Promise<this> {
    await this.transport.registry.registerGroup({ group: this.group, hop: this.group, streams });
    const consumer = this.transport.consumer({
      group: this.group,
      streams: () => streams,
      partition: 0,
      ...this.options,
    });
    this.ended = (async () => {
      for await (const batch of consumer.batches(this.stopping.signal)) {
        await batch.settle((delivery) => this.outcomeOf(delivery));
        this.seen.push(...batch.deliveries);
      }
    })();
    return this;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }
}

/** An event of type `order` with an id. */
export const order = (id: string, data: unknown = { id }) => ({
  type: 'order',
  json: JSON.stringify({ specversion: '1.0', id, source: '/s', type: 'order', data }),
});
