import type { Batch, Consumer, ConsumerOptions } from '../contract.js';
import { type Entry, readEntry } from '../entry.js';
import { againStream } from '../names.js';
import { OpenBatch } from '../open-batch.js';
import { exponentialDelay } from '../retry-schedule.js';
import { AttemptsExhausted } from '../settlement.js';
import { MemorySettler } from './settler.js';
import type { MemoryStore, Pending } from './store.js';

const SUSPECT_AFTER = 2;

/** A member of a consumer group in memory. */
export class MemoryConsumer implements Consumer {
  private readonly options: Required<ConsumerOptions>;
  private readonly settler: MemorySettler;

  constructor(
    readonly name: string,
    options: ConsumerOptions,
    private readonly store: MemoryStore,
    private readonly closing: AbortSignal,
    park: (ms: number, wake: () => void) => void,
  ) {
    this.options = {
      maxBatch: 500,
      maxWaitMs: 0,
      claimAfterMs: 30_000,
      maxAttempts: 5,
      retryDelayMs: exponentialDelay(),
      hop: options.group,
      name,
      ...options,
    };
    this.settler = new MemorySettler(store, options.partition, { ...this.options, consumer: name }, park);
  }

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const stop = AbortSignal.any([signal, this.closing]);
    while (!stop.aborted) {
      const entries = await this.next();
      if (entries.length === 0) await this.store.change(Math.min(this.options.claimAfterMs / 2, 1000), stop);
      else yield* this.inHand(entries);
    }
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
    const claimed = await this.withoutExhausted(this.claim());
    return claimed.length > 0 ? claimed : this.read();
  }

  private get streams(): string[] {
    return [...this.options.streams(), againStream(this.options.group)];
  }

  private read(): Entry[] {
    const { group, partition, maxBatch } = this.options;
    return this.streams.flatMap((name) =>
      this.store
        .stream({ name, partition })
        .take(group, this.name, maxBatch)
        .map(({ id, fields }) => readEntry(name, partition, id, fields, 1)),
    );
  }

  private claim(): Entry[] {
    const idle = this.idle();
    const firstSuspect = idle.findIndex(({ pending }) => pending.count >= SUSPECT_AFTER);
    const claimed = firstSuspect === 0 ? idle.slice(0, 1) : idle.slice(0, firstSuspect < 0 ? undefined : firstSuspect);
    return claimed.slice(0, this.options.maxBatch).map(({ name, id, fields, pending }) => {
      pending.consumer = this.name;
      pending.deliveredAt = Date.now();
      pending.count += 1;
      return readEntry(name, this.options.partition, id, fields, pending.count);
    });
  }

  private idle(): { name: string; id: string; fields: readonly string[]; pending: Pending }[] {
    const { group, partition, claimAfterMs } = this.options;
    const before = Date.now() - claimAfterMs;
    return this.streams.flatMap((name) => {
      const stream = this.store.stream({ name, partition });
      const { pending } = stream.group(group);
      return stream.entries.flatMap(({ id, fields }) => {
        const of = pending.get(id);
        return of !== undefined && of.deliveredAt <= before ? [{ name, id, fields, pending: of }] : [];
      });
    });
  }

  private async withoutExhausted(claimed: readonly Entry[]): Promise<Entry[]> {
    const isExhausted = (entry: Entry) => entry.deliveries.every(({ attempt }) => attempt > this.options.maxAttempts);
    const exhausted = claimed.filter(isExhausted);
    if (exhausted.length > 0) {
      const cause = new AttemptsExhausted('handed out too often and never settled');
      await new OpenBatch(exhausted, this.settler).settle(() => ({ kind: 'reject', cause }));
    }
    return claimed.filter((entry) => !isExhausted(entry));
  }
}
