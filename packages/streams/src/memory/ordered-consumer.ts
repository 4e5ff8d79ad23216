import type { Batch, Consumer, ConsumerOptions } from '../contract.js';
import { readEntry } from '../entry.js';
import { againStream } from '../names.js';
import { OrderedBatches, type OrderedPort } from '../order/ordered-batches.js';
import type { HeldEntry } from '../order/ordered-queue.js';
import { MemorySettler } from './settler.js';
import type { MemoryStore } from './store.js';

/** The one consumer of a group that reads a partition in memory, or that stands by for it. */
export class OrderedMemoryConsumer implements Consumer, OrderedPort {
  readonly settler: MemorySettler;
  readonly mostBytes = Number.POSITIVE_INFINITY;
  private turns = 0;

  constructor(
    readonly name: string,
    private readonly options: Required<ConsumerOptions>,
    private readonly store: MemoryStore,
    private readonly closing: AbortSignal,
    park: (ms: number, wake: () => void) => void,
  ) {
    this.settler = new MemorySettler(store, options.partition, { ...options, consumer: name }, park);
  }

  batches(signal: AbortSignal): AsyncIterable<Batch> {
    const stop = AbortSignal.any([signal, this.closing]);
    return new OrderedBatches(this, { ...this.options, consumer: this.name }).until(stop);
  }

  get isOver(): boolean {
    return this.store.turns.get(this.turnKey) !== this.name;
  }

  async acquire(stop: AbortSignal): Promise<number | undefined> {
    while (!stop.aborted) {
      const owner = this.store.turns.get(this.turnKey);
      if (owner === this.name) return this.turns;
      if (owner === undefined) {
        this.store.turns.set(this.turnKey, this.name);
        return ++this.turns;
      }
      await this.store.change(1000, stop);
    }
    return undefined;
  }

  async fetch(limit: number, waitMs: number): Promise<readonly HeldEntry[]> {
    const entries = [...this.claimPending(), ...this.read(limit)];
    // Whoever has the turn reads alone; a change that comes while it waits is seen at the next call.
    if (entries.length === 0 && waitMs > 0) await this.store.change(Math.min(waitMs, 1000), this.closing);
    return entries;
  }

  async mark(entries: readonly HeldEntry[]): Promise<boolean> {
    for (const { entry, count } of entries) {
      const pending = this.stream(entry.source).group(this.options.group).pending.get(entry.id);
      if (pending !== undefined) pending.count = count;
    }
    return !this.isOver;
  }

  recover(error: Error): void {
    throw error; // Nothing in memory fails for a while.
  }

  async leave(): Promise<void> {
    if (this.isOver) return;
    this.store.turns.delete(this.turnKey);
    this.store.changed();
  }

  private get turnKey(): string {
    return `${this.options.partition}/${this.options.group}`;
  }

  private get streams(): string[] {
    return [...this.options.streams(), againStream(this.options.group)];
  }

  private read(limit: number): HeldEntry[] {
    const { group, partition } = this.options;
    return this.streams.flatMap((name) =>
      this.stream(name)
        .take(group, this.name, limit)
        .map(({ id, fields }) => ({
          entry: readEntry(name, partition, id, fields, 1),
          count: 1,
          isMarked: true,
          isSuspect: false,
        })),
    );
  }

  private claimPending(): HeldEntry[] {
    const { group, partition } = this.options;
    return this.streams.flatMap((name) => {
      const stream = this.stream(name);
      const { pending: all } = stream.group(group);
      return stream.entries.flatMap(({ id, fields }) => {
        const pending = all.get(id);
        if (pending === undefined || pending.consumer === this.name) return [];
        pending.consumer = this.name;
        const count = pending.count + 1;
        return [{ entry: readEntry(name, partition, id, fields, count), count, isMarked: false, isSuspect: count > 2 }];
      });
    });
  }

  private stream(name: string) {
    return this.store.stream({ name, partition: this.options.partition });
  }
}
