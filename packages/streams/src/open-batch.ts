import type { Batch, Delivery, Outcome, Settlement } from './contract.js';
import type { DecidedEntry, Entry, EntryDelivery } from './entry.js';

/** What a transport does for a batch: settle entries whose deliveries all have an outcome, or hand entries back. */
export interface EntrySettler {
  /** Rejects with `Unavailable` if nothing is known to have happened. */
  settle(entries: readonly DecidedEntry[]): Promise<Settlement>;
  /** Gives entries back uncounted, for anybody to claim at once. Best effort: what fails here is claimed later. */
  release(entries: readonly Entry[]): Promise<void>;
}

const NOTHING: Settlement = { stale: [], parked: [], dead: [] };

/** A batch over entries: it knows what is left, and settles an entry when its last delivery has its outcome. */
export class OpenBatch implements Batch {
  readonly deliveries: readonly EntryDelivery[];
  private readonly entryOf = new Map<Delivery, Entry>();
  private readonly outcomes = new Map<Delivery, Outcome>();
  private readonly left: Set<Entry>;

  constructor(
    entries: readonly Entry[],
    private readonly settler: EntrySettler,
  ) {
    this.left = new Set(entries);
    this.deliveries = entries.flatMap((entry) => entry.deliveries);
    for (const entry of entries) for (const delivery of entry.deliveries) this.entryOf.set(delivery, entry);
  }

  /** Entries that are still ours to keep alive. */
  get unsettled(): Iterable<Entry> {
    return this.left;
  }

  async settle(
    outcomeOf: (delivery: Delivery, index: number) => Outcome,
    which: readonly Delivery[] = this.deliveries,
  ): Promise<Settlement> {
    const decided = this.decide(outcomeOf, which);
    if (decided.length === 0) return NOTHING;
    try {
      return await this.settler.settle(decided);
    } catch (error) {
      for (const { entry } of decided) this.reopen(entry);
      throw error;
    }
  }

  /** Hands back what is unsettled. */
  async release(): Promise<void> {
    const entries = [...this.left];
    this.left.clear();
    if (entries.length > 0) await this.settler.release(entries);
  }

  private decide(
    outcomeOf: (delivery: Delivery, index: number) => Outcome,
    which: readonly Delivery[],
  ): DecidedEntry[] {
    const fresh = this.freshOutcomes(outcomeOf, which);
    const touched = new Set<Entry>();
    for (const [delivery, outcome] of fresh) {
      this.outcomes.set(delivery, outcome);
      touched.add(this.entryOf.get(delivery) as Entry);
    }
    const complete = [...touched].filter((entry) => entry.deliveries.every((delivery) => this.outcomes.has(delivery)));
    for (const entry of complete) this.left.delete(entry);
    return complete.map((entry) => ({
      entry,
      verdicts: entry.deliveries.map((delivery) => ({ delivery, outcome: this.outcomes.get(delivery) as Outcome })),
    }));
  }

  private freshOutcomes(
    outcomeOf: (delivery: Delivery, index: number) => Outcome,
    which: readonly Delivery[],
  ): Map<Delivery, Outcome> {
    const fresh = new Map<Delivery, Outcome>();
    const indexOf = which === this.deliveries ? undefined : this.indexes();
    which.forEach((delivery, i) => {
      const entry = this.entryOf.get(delivery);
      if (entry === undefined) throw new RangeError('settle was given a delivery of another batch');
      if (!this.left.has(entry) || this.outcomes.has(delivery) || fresh.has(delivery)) return;
      fresh.set(delivery, outcomeOf(delivery, indexOf?.get(delivery) ?? i));
    });
    return fresh;
  }

  private indexes(): Map<Delivery, number> {
    return new Map(this.deliveries.map((delivery, index) => [delivery, index]));
  }

  private reopen(entry: Entry): void {
    this.left.add(entry);
    for (const delivery of entry.deliveries) this.outcomes.delete(delivery);
  }
}
