import type { Batch, Delivery, Outcome, Settlement } from '@millrace/streams';

/** How finished deliveries are gathered. */
export interface GatherOptions {
  /** So many are settled at once. */
  readonly atMost: number;
  /** How long the first of them waits for company, in milliseconds. */
  readonly waitMs: number;
  readonly onSettled: (
    settled: readonly Delivery[],
    settlement: Settlement,
    outcomes: ReadonlyMap<Delivery, Outcome>,
  ) => void;
}

/**
 * Settles deliveries of a batch as they finish: none waits for the slowest of the batch, and few have a round trip of
 * their own. What could not be settled is kept for the next time.
 */
export class GatheredSettling {
  private readonly finished = new Map<Delivery, Outcome>();
  private underWay: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly batch: Batch,
    private readonly options: GatherOptions,
  ) {}

  add(delivery: Delivery, outcome: Outcome): void {
    this.finished.set(delivery, outcome);
    if (this.finished.size >= this.options.atMost) this.settleSoon();
    else this.timer ??= setTimeout(() => this.settleSoon(), this.options.waitMs);
  }

  /** Settles all that is finished. Rejects as `batch.settle` does; may then be called again. */
  settle(): Promise<void> {
    this.underWay = this.underWay.catch(() => undefined).then(() => this.settleNow());
    return this.underWay;
  }

  private settleSoon(): void {
    // What fails here stays, and the `settle` that ends the round says so.
    this.settle().catch(() => undefined);
  }

  private async settleNow(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.finished.size === 0) return;
    const outcomes = new Map(this.finished);
    const settled = [...outcomes.keys()];
    const settlement = await this.batch.settle((delivery) => outcomes.get(delivery) as Outcome, settled);
    for (const delivery of settled) this.finished.delete(delivery);
    this.options.onSettled(settled, settlement, outcomes);
  }
}
