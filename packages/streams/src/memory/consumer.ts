import type { Batch, Consumer, ConsumerOptions } from '../contract.js';
import { type Entry, readEntry } from '../entry.js';
import { againStream } from '../names.js';
import { exhausted } from '../settlement/exhausted.js';
import { OpenBatch } from '../settlement/open-batch.js';
import { monotonicMs } from '../time/interval.js';
import { MemorySettler } from './settler.js';
import type { MemoryStore, Pending } from './store.js';

const SUSPECT_AFTER = 2;

/** A member of a consumer group in memory. */
export class MemoryConsumer implements Consumer {
  private readonly settler: MemorySettler;

  constructor(
    readonly name: string,
    private readonly options: Required<ConsumerOptions>,
    private readonly store: MemoryStore,
    private readonly closing: AbortSignal,
    park: (ms: number, wake: () => void) => void,
  ) {
    this.settler = new MemorySettler(store, options.partition, { ...this.options, consumer: name }, park);
  }

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const stop = AbortSignal.any([signal, this.closing]);
    while (!stop.aborted) {
      const entries = await this.next();
      if (entries.length === 0) await this.store.change(Math.min(this.options.claimAfterMs / 2, 1000), stop);
      else yield* this.inHand(await this.fill(entries, stop));
    }
  }

  /** Waits a little for more where the options ask for it. */
  private async fill(entries: Entry[], stop: AbortSignal): Promise<Entry[]> {
    const { maxBatch, maxWaitMs } = this.options;
    const until = monotonicMs() + maxWaitMs;
    for (let left = maxWaitMs; left > 0 && entries.length < maxBatch && !stop.aborted; left = until - monotonicMs()) {
      await this.store.change(left, stop);
      entries.push(...this.read(maxBatch - entries.length));
    }
    return entries;
  }

  private async *inHand(entries: readonly Entry[]): AsyncIterable<Batch> {
    const batch = new OpenBatch(entries, this.settler);
    const renewal = setInterval(() => this.settler.renew([...batch.unsettled]), this.options.claimAfterMs / 3);
    try {
      yield batch;
    } finally {
      clearInterval(renewal);
      await batch.release();
    }
  }

  private async next(): Promise<Entry[]> {
    const claimed = this.claim();
    const dead = await exhausted(claimed, this.settler, this.options.maxAttempts);
    const left = claimed.filter((entry) => !dead.has(entry));
    return left.length > 0 ? left : this.read(this.options.maxBatch);
  }

  private get streams(): string[] {
    return [...this.options.streams(), againStream(this.options.group)];
  }

  private read(limit: number): Entry[] {
    const { group, partition } = this.options;
    return this.streams.flatMap((name) =>
      this.store
        .stream({ name, partition })
        .take(group, this.name, limit)
        .map(({ id, fields }) => readEntry(name, partition, id, fields, 1)),
    );
  }

  private claim(): Entry[] {
    const idle = this.idle();
    const firstSuspect = idle.findIndex(({ pending }) => pending.count >= SUSPECT_AFTER);
    const claimed = firstSuspect === 0 ? idle.slice(0, 1) : idle.slice(0, firstSuspect < 0 ? undefined : firstSuspect);
    return claimed.slice(0, this.options.maxBatch).map(({ name, id, fields, pending }) => {
      pending.consumer = this.name;
      pending.deliveredAt = monotonicMs();
      pending.count += 1;
      return readEntry(name, this.options.partition, id, fields, pending.count);
    });
  }

  private idle(): { name: string; id: string; fields: readonly string[]; pending: Pending }[] {
    const { group, partition, claimAfterMs } = this.options;
    const before = monotonicMs() - claimAfterMs;
    return this.streams.flatMap((name) => {
      const stream = this.store.stream({ name, partition });
      const { pending } = stream.group(group);
      return stream.entries.flatMap(({ id, fields }) => {
        const of = pending.get(id);
        return of !== undefined && of.deliveredAt <= before ? [{ name, id, fields, pending: of }] : [];
      });
    });
  }
}
