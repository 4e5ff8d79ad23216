import { type Batch, type Consumer, type Delivery, serveBatches } from '@millrace/streams';
import { DeliveryRound, type RoundOptions } from './delivery-round.js';
import type { EndpointClient } from './endpoint-client.js';
import type { EndpointStatus } from './endpoint-status.js';

/** What a delivery is made of. */
export interface DeliveryParts {
  /** One for each partition. */
  readonly consumers: () => readonly Consumer[];
  readonly client: EndpointClient;
  readonly status: EndpointStatus;
  readonly round: Omit<RoundOptions, 'send'>;
  readonly onSent: (seconds: number) => void;
}

/** Delivers the stream of one endpoint, from `start` to `stop`. */
export class EndpointDelivery {
  private readonly stopping = new AbortController();
  /** A batch comes again after `Unavailable`; its round knows what is left of it. */
  private readonly rounds = new WeakMap<Batch, DeliveryRound>();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: DeliveryParts) {}

  /** Begins once `before` is done: the endpoint's last delivery hands back first, so that this one need not claim. */
  start(before: Promise<void> = Promise.resolve()): void {
    this.running = before.then(() => this.serve());
  }

  /**
   * Resolves when what is under way is done, and the rest handed back uncounted. After `graceMs` it waits no longer:
   * requests without an answer are cut off and handed back too.
   */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const enough = setTimeout(() => void this.parts.client.cut(), graceMs);
    await this.running;
    clearTimeout(enough);
    await this.parts.client.close();
  }

  private async serve(): Promise<void> {
    const { signal } = this.stopping;
    if (signal.aborted) return;
    this.parts.status.begin();
    const deliver = (batch: Batch) => this.roundOf(batch).run(signal);
    await Promise.all(
      this.parts.consumers().map((consumer) => serveBatches(consumer, deliver, signal, this.parts.status)),
    );
  }

  private roundOf(batch: Batch): DeliveryRound {
    const known = this.rounds.get(batch);
    if (known !== undefined) return known;
    const round = new DeliveryRound(batch, { ...this.parts.round, send: (delivery) => this.send(delivery) });
    this.rounds.set(batch, round);
    return round;
  }

  private async send(delivery: Delivery): Promise<void> {
    const start = performance.now();
    try {
      await this.parts.client.send(delivery);
      this.parts.status.delivered();
    } finally {
      this.parts.onSent((performance.now() - start) / 1000);
    }
  }
}
