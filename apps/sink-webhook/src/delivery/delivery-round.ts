import type { BatchSpans } from '@millrace/host';
import { type Batch, type Delivery, type Outcome, outcomeOfError, Unavailable } from '@millrace/streams';
import { GatheredSettling, type GatherOptions } from './gathered-settling.js';

export interface RoundOptions extends GatherOptions {
  /** Most deliveries in flight. */
  readonly concurrency: number;
  /** Resolves when the event is delivered; its error decides what becomes of the delivery. */
  readonly send: (delivery: Delivery, spans: BatchSpans | undefined) => Promise<void>;
  /** The spans of a delivery, where its event is of a sampled trace. Default: none. */
  readonly trace?: (delivery: Delivery) => BatchSpans | undefined;
  readonly onFailure: (delivery: Delivery, error: Error) => void;
}

const ACK: Outcome = { kind: 'ack' };

/**
 * The delivery of one batch, for as many runs as it takes: each goes on with what the one before could not deliver, and
 * delivers nothing twice.
 */
export class DeliveryRound {
  private readonly waiting: Delivery[];
  private readonly settling: GatheredSettling;
  private away: Unavailable | undefined;
  private readonly traced = new Map<Delivery, BatchSpans>();

  constructor(
    batch: Batch,
    private readonly options: RoundOptions,
  ) {
    this.waiting = [...batch.deliveries];
    this.settling = new GatheredSettling(batch, {
      ...options,
      onSettled: (settled, settlement, outcomes) => {
        for (const delivery of settled) this.traced.get(delivery)?.settled(settlement, (one) => outcomes.get(one));
        for (const delivery of settled) this.traced.delete(delivery);
        options.onSettled(settled, settlement, outcomes);
      },
    });
  }

  /**
   * Resolves when all is delivered and settled, or, once the signal aborts, when what was in flight is. Rejects with
   * `Unavailable` when the target is away; what was delivered before is then settled.
   */
  async run(signal: AbortSignal): Promise<void> {
    const wasAway = this.away !== undefined;
    this.away = undefined;
    // One asks whether the target is back, not all that wait for it.
    if (wasAway) await this.deliverNext();
    await Promise.all(Array.from({ length: this.options.concurrency }, () => this.deliverAll(signal)));
    await this.settling.settle();
    if (this.away !== undefined) throw this.away;
  }

  private async deliverAll(signal: AbortSignal): Promise<void> {
    while (this.waiting.length > 0 && this.away === undefined && !signal.aborted) await this.deliverNext();
  }

  private async deliverNext(): Promise<void> {
    const delivery = this.waiting.shift();
    if (delivery === undefined) return;
    const outcome = await this.attempt(delivery);
    if (outcome === undefined) this.waiting.unshift(delivery);
    else this.settling.add(delivery, outcome);
  }

  /** Undefined where the target is away, which decides nothing about the delivery. */
  private async attempt(delivery: Delivery): Promise<Outcome | undefined> {
    const spans = this.options.trace?.(delivery);
    try {
      await this.options.send(delivery, spans);
      if (spans !== undefined) this.traced.set(delivery, spans);
      return ACK;
    } catch (error) {
      if (error instanceof Unavailable) {
        spans?.failed(error);
        this.away = error;
        return undefined;
      }
      if (spans !== undefined) this.traced.set(delivery, spans);
      this.options.onFailure(delivery, error as Error);
      return outcomeOfError(error as Error);
    }
  }
}
