import type { Batch, Delivery, Outcome, Settlement } from '../contract.js';
import type { DecidedEntry, Entry, EntryDelivery } from '../entry.js';

/** What a transport does for a batch: settle entries whose deliveries all have an outcome, or hand entries back. */
export interface EntrySettler {
  /**
   * Rejects with `Unavailable` if nothing is known to have happened. The entries were handed out at `since`, in Unix
   * milliseconds.
   */
  settle(entries: readonly DecidedEntry[], since: number): Promise<Settlement>;
  /** Called with what failed and waits in flight for its next attempt, at `dueAt`, without being settled. */
  waits?(entry: DecidedEntry, since: number, dueAt: number): void;
  /** Gives entries back uncounted, for anybody to claim at once. Best effort: what fails here is claimed later. */
  release(entries: readonly Entry[]): Promise<void>;
}

const NOTHING: Settlement = { stale: [], parked: [], dead: [] };

/** An entry of the batch, and what is known of it. Every event passes here, so there is one object for each and no map. */
interface Held extends DecidedEntry {
  /** With holes, until it is decided. */
  outcomes: Outcome[];
  /** How many have one. */
  decided: number;
  isLeft: boolean;
}

/** A batch over entries: it knows what is left, and settles an entry when its last delivery has its outcome. */
export class OpenBatch implements Batch {
  readonly deliveries: readonly EntryDelivery[];
  private readonly held: readonly Held[];
  private readonly since = Date.now();
  /** Where each delivery is; made when somebody settles a part. */
  private places: ReadonlyMap<Delivery, Place> | undefined;

  constructor(
    entries: readonly Entry[],
    private readonly settler: EntrySettler,
  ) {
    this.held = entries.map((entry) => ({ entry, outcomes: [], decided: 0, isLeft: true }));
    const deliveries: EntryDelivery[] = [];
    for (const entry of entries) for (const delivery of entry.deliveries) deliveries.push(delivery);
    this.deliveries = deliveries;
  }

  /** Entries that are still ours to keep alive. */
  get unsettled(): Iterable<Entry> {
    return this.held.filter(({ isLeft }) => isLeft).map(({ entry }) => entry);
  }

  async settle(
    outcomeOf: (delivery: Delivery, index: number) => Outcome,
    which: readonly Delivery[] = this.deliveries,
  ): Promise<Settlement> {
    const complete = which === this.deliveries ? this.decideAll(outcomeOf) : this.decideSome(outcomeOf, which);
    if (complete.length === 0) return NOTHING;
    try {
      return await this.settler.settle(complete, this.since);
    } catch (error) {
      for (const held of complete) reopen(held);
      throw error;
    }
  }

  /** Hands back what is unsettled. */
  async release(): Promise<void> {
    const entries = [...this.unsettled];
    for (const held of this.held) held.isLeft = false;
    if (entries.length > 0) await this.settler.release(entries);
  }

  // In two passes: where `outcomeOf` throws, nothing has an outcome.
  private decideAll(outcomeOf: (delivery: Delivery, index: number) => Outcome): Held[] {
    const fresh: (Outcome | undefined)[] = [];
    let index = 0;
    for (const { entry, outcomes, isLeft } of this.held) {
      for (let n = 0; n < entry.deliveries.length; n += 1, index += 1) {
        const isFresh = isLeft && outcomes[n] === undefined;
        fresh.push(isFresh ? outcomeOf(entry.deliveries[n] as Delivery, index) : undefined);
      }
    }
    const complete: Held[] = [];
    index = 0;
    for (const held of this.held) {
      for (let n = 0; n < held.entry.deliveries.length; n += 1, index += 1) note(held, n, fresh[index], complete);
    }
    return complete;
  }

  private decideSome(outcomeOf: (delivery: Delivery, index: number) => Outcome, which: readonly Delivery[]): Held[] {
    const fresh = new Map<Place, Outcome>();
    this.places ??= placesOf(this.held);
    for (const delivery of which) {
      const place = this.places.get(delivery);
      if (place === undefined) throw new RangeError('settle was given a delivery of another batch');
      const { held, n, index } = place;
      if (held.isLeft && held.outcomes[n] === undefined && !fresh.has(place))
        fresh.set(place, outcomeOf(delivery, index));
    }
    const complete: Held[] = [];
    for (const [{ held, n }, outcome] of fresh) note(held, n, outcome, complete);
    return complete;
  }
}

/** Where a delivery is: in which entry, its index there, and of the batch. */
interface Place {
  readonly held: Held;
  readonly n: number;
  readonly index: number;
}

const placesOf = (all: readonly Held[]): Map<Delivery, Place> => {
  const places = new Map<Delivery, Place>();
  for (const held of all) {
    for (const [n, delivery] of held.entry.deliveries.entries()) places.set(delivery, { held, n, index: places.size });
  }
  return places;
};

const note = (held: Held, n: number, outcome: Outcome | undefined, complete: Held[]): void => {
  if (outcome === undefined) return;
  held.outcomes[n] = outcome;
  held.decided += 1;
  if (held.decided < held.entry.deliveries.length) return;
  held.isLeft = false;
  complete.push(held);
};

const reopen = (held: Held): void => {
  held.outcomes = [];
  held.decided = 0;
  held.isLeft = true;
};
