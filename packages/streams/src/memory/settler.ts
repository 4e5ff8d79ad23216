import type { Delivery, Forward, Outcome, Settlement } from '../contract.js';
import type { DecidedEntry, Entry, EntryDelivery } from '../entry.js';
import { againStream, deadStream } from '../names.js';
import type { EntrySettler } from '../settlement/open-batch.js';
import { type DeadLettering, type Park, place, type SettlementRules } from '../settlement/settlement.js';
import { monotonicMs } from '../time/interval.js';
import type { MemoryStore, Pending } from './store.js';

const isPrivate = (source: string): boolean => source.startsWith('again:') || source.startsWith('hook:');

/** Settles in memory by the rules of the Redis Function: one fence for what succeeded, a narrower one for failures. */
export class MemorySettler implements EntrySettler {
  constructor(
    private readonly store: MemoryStore,
    private readonly partition: number,
    private readonly rules: SettlementRules,
    private readonly park: (ms: number, wake: () => void) => void,
  ) {}

  async settle(decided: readonly DecidedEntry[]): Promise<Settlement> {
    const result = { stale: [] as Delivery[], parked: [] as Delivery[], dead: [] as Delivery[] };
    for (const one of decided) this.settleEntry(one, result);
    this.store.changed();
    return result;
  }

  async release(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      const pending = this.pendingOf(entry);
      if (pending?.consumer !== this.rules.consumer) continue;
      pending.consumer = 'released';
      pending.deliveredAt = Number.NEGATIVE_INFINITY;
      pending.count -= 1;
    }
    this.store.changed();
  }

  renew(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const pending = this.pendingOf(entry);
      if (pending?.consumer === this.rules.consumer) pending.deliveredAt = monotonicMs();
    }
  }

  private settleEntry({ entry, outcomes }: DecidedEntry, result: Record<keyof Settlement, Delivery[]>): void {
    const { forwards, parks, deadLettered } = this.placed(entry, outcomes);
    const pending = this.pendingOf(entry);
    const needsOwner = parks.length + deadLettered.length > 0;
    if (pending === undefined || (needsOwner && pending.consumer !== this.rules.consumer)) {
      result.stale.push(...entry.deliveries);
      return;
    }
    for (const { to, event, from } of forwards) {
      const origin = from === undefined ? [] : ['stream', from.stream, 'position', from.position];
      this.stream(to).add(['type', event.type, 'event', event.json, ...origin]);
    }
    for (const { delivery, delayMs, fields } of parks) {
      this.park(delayMs, () => this.stream(againStream(this.rules.group)).add(fields));
      result.parked.push(delivery);
    }
    for (const { delivery, fields } of deadLettered) {
      this.stream(deadStream(this.rules.group)).add(fields);
      result.dead.push(delivery);
    }
    this.stream(entry.source).group(this.rules.group).pending.delete(entry.id);
    if (isPrivate(entry.source)) this.stream(entry.source).remove(entry.id);
  }

  private placed(entry: Entry, outcomes: readonly Outcome[]) {
    const forwards: Forward[] = [];
    const parks: Park[] = [];
    const deadLettered: DeadLettering[] = [];
    const into = {
      forward: (one: Forward) => void forwards.push(one),
      park: (one: Park) => void parks.push(one),
      deadLetter: (one: DeadLettering) => void deadLettered.push(one),
      apply: () => {
        throw new RangeError('there is no store in memory to apply a command to');
      },
    };
    const by = { rules: this.rules, now: Date.now() };
    outcomes.forEach((outcome, i) => {
      place(entry.deliveries[i] as EntryDelivery, outcome, by, into);
    });
    return { forwards, parks, deadLettered };
  }

  private pendingOf(entry: Entry): Pending | undefined {
    return this.stream(entry.source).group(this.rules.group).pending.get(entry.id);
  }

  private stream(name: string) {
    return this.store.stream({ name, partition: this.partition });
  }
}
