import type { Batch, ConsumerOptions, Delivery, Order, Outcome, Settlement } from '../contract.js';
import { type DecidedEntry, type Entry, type EntryDelivery, eventsIn } from '../entry.js';
import { keyOfEvent } from '../partition.js';
import { withFailure } from '../settlement/dead-letter.js';
import { exhausted } from '../settlement/exhausted.js';
import { type EntrySettler, OpenBatch } from '../settlement/open-batch.js';
import { delayOf, type SettlementRules, waitOf } from '../settlement/settlement.js';
import { monotonicMs } from '../time/interval.js';
import { backoff, pause } from '../time/pause.js';
import { FrameParts } from './frame-parts.js';
import { KeyQueue } from './key-queue.js';
import type { HeldEntry, OrderedQueue } from './ordered-queue.js';
import { StreamQueue } from './stream-queue.js';

/** What a transport does for an ordered consumer. */
export interface OrderedPort {
  readonly settler: EntrySettler;
  /**
   * Waits until the partition is this consumer's alone. Gives what names its turn: the same for as long as no other client
   * had it in between; undefined where the signal aborted first.
   */
  acquire(stop: AbortSignal): Promise<number | undefined>;
  /** How many bytes may be in flight; then nothing more is read. What is read at once may come on top. */
  readonly mostBytes: number;
  /** Whether the turn is over, as far as known. */
  readonly isOver: boolean;
  /** Whether it is over although no other client has the partition yet: then what is in flight is released first, uncounted. */
  readonly isGivenUp?: boolean;
  /**
   * What earlier owners left, a part at a time, and when that is all, what is new, oldest first; waits up to `waitMs` for the
   * first.
   */
  fetch(limit: number, waitMs: number): Promise<readonly HeldEntry[]>;
  /**
   * Takes a frame in flight apart, of which some events are done: these deliveries go on as entries of their own. Gives them in
   * their order, with what else was to be read again, in front of them; undefined where the frame is no longer this consumer's.
   * Left out where there are no frames.
   */
  takeApart?(frame: Entry, left: readonly EntryDelivery[]): Promise<readonly Entry[] | undefined>;
  /** Says how often entries are handed out, this time included. False where the turn is over. */
  mark(entries: readonly HeldEntry[]): Promise<boolean>;
  /** Resolves when the group may read, or the signal aborts. Left out where nobody can pause a group. */
  unpaused?(stop: AbortSignal): Promise<void>;
  /** Called with what went wrong; may throw to give up. */
  recover(error: Error): void;
  /** Lets the next one have the partition. */
  leave(): Promise<void>;
}

/** Most entries in flight; then only what is queued for a retry keeps others from being read. */
const MOST_IN_HAND = 10_000;
const LONGEST_READ_MS = 60_000;
/** While there is something to hand out, a stream that was read to its end is left alone for so long. */
const READ_AGAIN_MS = 10;
const NOTHING: Settlement = { stale: [], parked: [], dead: [] };

type Rules = SettlementRules & Required<Pick<ConsumerOptions, 'maxBatch' | 'maxWaitMs'>> & { readonly order: Order };

/** The batches of a consumer that keeps an order, over whatever a transport does for it. */
export class OrderedBatches {
  private readonly hand: OrderedQueue;
  private readonly settler: EntrySettler;
  private readonly parts = new FrameParts();
  /** Parts of frames that were taken apart since the batch was handed out, and what each goes on as. */
  private readonly apart = new Map<Entry, Entry>();
  /** The last call that is about parts. */
  private settling: Promise<unknown> = Promise.resolve();
  private turn: number | undefined;
  private readAgainAt = 0;

  constructor(
    private readonly port: OrderedPort,
    private readonly rules: Rules,
  ) {
    if (rules.order === 'key') {
      const hand = new KeyQueue(keyOfEntry);
      this.hand = hand;
      this.settler = { ...releaseOf(port), settle: (decided, since) => this.settleByKey(decided, since, hand) };
    } else {
      this.hand = new StreamQueue();
      this.settler = port.settler;
    }
  }

  /** Reads until the signal aborts; then releases what is left, and the partition. */
  async *until(stop: AbortSignal): AsyncIterable<Batch> {
    try {
      for (let failures = 0; !stop.aborted; ) {
        try {
          await this.port.unpaused?.(stop);
          const entries = await this.next(stop);
          failures = 0;
          if (entries.length > 0) yield* this.handOut(entries);
        } catch (error) {
          if (stop.aborted) return;
          this.port.recover(error as Error);
          await pause(backoff(++failures), stop);
        }
      }
    } finally {
      await this.handBack();
      await this.port.leave();
    }
  }

  /** What may be handed out next; nothing where it has to be asked again. */
  private async next(stop: AbortSignal): Promise<HeldEntry[]> {
    if (this.turn === undefined || this.port.isOver) {
      if (this.port.isGivenUp === true) await this.handBack();
      const turn = await this.port.acquire(stop);
      if (turn !== this.turn) this.clear(); // Another client had the partition: what was in flight is theirs.
      this.turn = turn;
      if (turn === undefined) return [];
    }
    await this.fill(stop);
    const entries = this.takeReady();
    const unmarked = entries.filter(({ isMarked }) => !isMarked);
    if (unmarked.length === 0) return entries;
    if (!(await this.port.mark(unmarked))) return [];
    this.hand.marked(unmarked);
    return entries;
  }

  private takeReady(): HeldEntry[] {
    return this.hand.ready(this.rules.maxBatch, monotonicMs());
  }

  /** Reads more where there is less than a batch to hand out. */
  private async fill(stop: AbortSignal): Promise<void> {
    const { maxBatch } = this.rules;
    const waitMs = Math.min(this.hand.readyInMs(monotonicMs()), LONGEST_READ_MS);
    if (waitMs === 0 && (monotonicMs() < this.readAgainAt || eventsOf(this.takeReady()) >= maxBatch)) return;
    if (this.isFull) return pause(waitMs, stop);
    await this.read(waitMs);
    // Waits a little for more where the options ask for it.
    const until = monotonicMs() + this.rules.maxWaitMs;
    for (let count = eventsOf(this.takeReady()); count > 0 && count < maxBatch; count = eventsOf(this.takeReady())) {
      const left = until - monotonicMs();
      if (left <= 0 || this.isFull || stop.aborted || this.port.isOver) return;
      await this.read(left);
    }
  }

  private get isFull(): boolean {
    return this.hand.size >= MOST_IN_HAND || this.hand.bytes >= this.port.mostBytes;
  }

  private async read(waitMs: number): Promise<void> {
    const { maxBatch } = this.rules;
    const entries = await this.port.fetch(maxBatch, waitMs);
    this.readAgainAt = eventsOf(entries) < maxBatch ? monotonicMs() + READ_AGAIN_MS : 0;
    // Only what was handed out before may have been so too often.
    const isRepeat = ({ count, entry }: HeldEntry) => count > 1 || entry.deliveries.some(({ attempt }) => attempt > 1);
    const before = entries.filter(isRepeat).map(({ entry }) => entry);
    const dead = await exhausted(before, this.port.settler, this.rules.maxAttempts);
    const alive = dead.size === 0 ? entries : entries.filter(({ entry }) => !dead.has(entry));
    const isInParts = this.rules.order === 'key' && this.port.takeApart !== undefined;
    this.hand.add(isInParts ? this.parts.split(alive) : alive);
  }

  private async *handOut(held: readonly HeldEntry[]): AsyncIterable<Batch> {
    const batch = new OpenBatch(
      held.map(({ entry }) => entry),
      this.settler,
    );
    try {
      yield batch;
    } finally {
      // What is left stays in flight, first in its line. In key order a retry has left it already.
      const now = (entry: Entry): Entry => this.apart.get(entry) ?? entry;
      const finished = held.map((one) => ({ ...one, entry: now(one.entry) }));
      this.hand.finish(finished, new Set([...batch.unsettled].map(now)));
      this.apart.clear();
    }
  }

  /** Calls that are about parts of frames come one after the other: what one takes apart the next one finds so. */
  private settleByKey(all: readonly DecidedEntry[], since: number, hand: KeyQueue): Promise<Settlement> {
    if (!all.some(({ entry }) => this.parts.has(entry) || this.apart.has(entry)))
      return this.settleEntries(all, since, hand);
    const settled = this.settling.then(() => this.settleParts(all, since, hand));
    this.settling = settled.catch(() => undefined);
    return settled;
  }

  /**
   * In place of parts of frames: the frames that are done with them, and of frames of which one failed, entries for what is not
   * done.
   */
  private async settleParts(all: readonly DecidedEntry[], since: number, hand: KeyQueue): Promise<Settlement> {
    const now = all.map((one) => ({ ...one, entry: this.apart.get(one.entry) ?? one.entry }));
    const { decided, acked, failed } = this.parts.plan(now);
    const stale: Delivery[] = [];
    for (const [frame, some] of failed) {
      const isOurs = await this.takeApart(frame, hand);
      for (const one of some) {
        if (isOurs) decided.push({ ...one, entry: this.apart.get(one.entry) as Entry });
        else stale.push(...one.entry.deliveries);
      }
    }
    const settlement = decided.length === 0 ? NOTHING : await this.settleEntries(decided, since, hand);
    for (const { entry } of decided) this.parts.forget(entry);
    this.parts.acknowledged(acked);
    return { ...settlement, stale: [...settlement.stale, ...stale] };
  }

  /** What is not done of a frame goes on as entries, in the places of its parts. False where the frame is no longer ours. */
  private async takeApart(frame: Entry, hand: KeyQueue): Promise<boolean> {
    const left = this.parts.left(frame);
    const deliveries = left.flatMap((part) => part.deliveries);
    const read = await this.port.takeApart?.(frame, deliveries);
    this.parts.forget(frame);
    if (read === undefined) return false;
    const fresh = (entry: Entry): HeldEntry => ({ entry, count: 1, isMarked: true, isSuspect: false });
    const singles = read.slice(read.length - left.length);
    for (const [n, part] of left.entries()) {
      const single = singles[n] as Entry;
      hand.replace(part, fresh(single));
      this.apart.set(part, single);
    }
    hand.add(read.slice(0, read.length - left.length).map(fresh));
    return true;
  }

  /** Settles what succeeded or is given up; what is to be retried waits in flight, and its line behind it. */
  private async settleEntries(decided: readonly DecidedEntry[], since: number, hand: KeyQueue): Promise<Settlement> {
    const { settler } = this.port;
    const now = Date.now();
    const delays = new Map(decided.map((one) => [one, retryDelay(one, this.rules, now)]));
    await this.uncount(decided.filter(isWaiting), hand);
    const settlement = await settler.settle(
      decided.filter((one) => delays.get(one) === undefined),
      since,
    );
    const parked = [...settlement.parked];
    for (const [one, delay] of delays) {
      if (delay === undefined) continue;
      const isCounted = !isWaiting(one);
      hand.retry(one.entry, isCounted ? failedOnce(one, now) : { ...one.entry }, monotonicMs() + delay, isCounted);
      settler.waits?.(one, since, now + delay);
      parked.push(...one.entry.deliveries);
    }
    return { ...settlement, parked };
  }

  /** Whoever takes up what is queued, after a crash or a lost connection, is not to take this hand-out for one that failed. */
  private async uncount(waiting: readonly DecidedEntry[], hand: KeyQueue): Promise<void> {
    if (waiting.length === 0) return;
    const held = hand.heldOf(new Set(waiting.map(({ entry }) => entry)));
    await this.port.mark(held.map((one) => ({ ...one, count: one.count - 1 })));
  }

  private async handBack(): Promise<void> {
    const entries = this.hand.all();
    const { whole, begun } = this.parts.wholes(entries.map(({ entry }) => entry));
    const left = begun.map((frame) => [frame, this.parts.left(frame).flatMap((part) => part.deliveries)] as const);
    this.clear();
    if (entries.length === 0) return;
    try {
      // A release takes one off the count: what failed is reported first.
      const failed = entries.filter(({ isMarked }) => !isMarked);
      if (failed.length > 0 && !(await this.port.mark(failed))) return;
      for (const [frame, deliveries] of left) whole.push(...((await this.port.takeApart?.(frame, deliveries)) ?? []));
      if (whole.length > 0) await this.port.settler.release(whole);
    } catch (error) {
      this.port.recover(error as Error);
    }
  }

  private clear(): void {
    this.hand.clear();
    this.parts.clear();
    this.apart.clear();
  }
}

const eventsOf = (held: readonly HeldEntry[]): number => eventsIn(held.map(({ entry }) => entry));

const releaseOf = ({ settler }: OrderedPort): Pick<EntrySettler, 'release'> => ({
  release: (entries) => settler.release(entries),
});

// Of a frame these are its parts, so it is one event.
const keyOfEntry = ({ deliveries: [first] }: Entry): string =>
  first === undefined ? '' : keyOfEvent(first.event.json);

const isWaiting = ({ outcomes }: DecidedEntry): boolean => outcomes.length === 1 && outcomes[0]?.kind === 'wait';

/** When to try an entry again that is one event and failed or waits; undefined for all else, frames included. */
const retryDelay = ({ entry, outcomes }: DecidedEntry, rules: SettlementRules, now: number): number | undefined => {
  const [outcome] = outcomes;
  if (outcome?.kind === 'wait' && isWaiting({ entry, outcomes })) return waitOf(outcome.afterMs);
  if (outcome?.kind !== 'retry' || outcomes.length > 1) return undefined;
  return delayOf(entry.deliveries[0] as EntryDelivery, outcome.afterMs, rules, now);
};

const failedOnce = ({ entry, outcomes }: DecidedEntry, now: number): Entry => ({
  ...entry,
  deliveries: entry.deliveries.map((delivery, i): EntryDelivery => {
    const { attempt, history } = delivery;
    const outcome = outcomes[i] as Outcome;
    const cause = 'cause' in outcome ? outcome.cause : new Error('unknown');
    return {
      ...delivery,
      attempt: attempt + 1,
      firstFailedAt: delivery.firstFailedAt ?? now,
      history: withFailure(history, now, attempt, cause),
    };
  }),
});
