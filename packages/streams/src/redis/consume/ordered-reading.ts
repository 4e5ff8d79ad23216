import type { Batch, ConsumerOptions, Position } from '../../contract.js';
import { bytesOf, type Entry, type EntryDelivery, readEntry } from '../../entry.js';
import { deadStream } from '../../names.js';
import { OrderedBatches, type OrderedPort } from '../../order/ordered-batches.js';
import type { HeldEntry } from '../../order/ordered-queue.js';
import { isNoGroup } from '../connection/connection.js';
import { byPosition } from '../connection/entry-id.js';
import type { Rows } from '../connection/stream-answer.js';
import { Functions } from '../functions/functions.js';
import { STREAMS_LIBRARY } from '../functions/streams-library.js';
import type { Settler } from '../settle/settler.js';
import { isFrame } from './frame-opener.js';
import { Lease } from './lease.js';
import { type ConsumerContext, Member } from './member.js';

/** From how many earlier times on an entry is a suspect: what a crash left once goes with the others once more. */
const SUSPECT_AFTER = 2;
/** Reads as the one of a group that reads a partition, in order, or stands by for it. */
export class OrderedReading implements OrderedPort {
  readonly rules: Member['rules'];
  readonly settler: Settler;
  private readonly member: Member;
  private readonly onBlocking: Functions;
  private readonly lease: Lease;
  /** How many turns there were. */
  private turns = 0;
  /** Of this turn. What a later turn of the lease holds is not ours to settle with. */
  private token = 0;
  /**
   * What is in flight may not be what is pending: an answer was lost with its connection, a call failed, or something was
   * not ours although we have the turn.
   */
  private isBroken = false;
  private readonly noteLost = (): void => {
    this.isBroken = true;
  };
  /** At the start of a turn all that is pending is taken up, also what has our own name, a part at a time. */
  private isNew = false;
  /** From where on it is still to be taken up, by stream. */
  private readonly takenTo = new Map<string, string>();
  /** What was read meanwhile, which is pending too. */
  private readonly read = new Set<string>();

  constructor(
    private readonly consumer: string,
    private readonly options: Required<ConsumerOptions>,
    private readonly context: ConsumerContext,
  ) {
    const { functions, keys, commands, leases, onError } = context;
    const { group, partition, claimAfterMs } = options;
    this.member = new Member(consumer, options, context, {
      token: () => String(this.token),
      onStale: () => this.noteLost(),
    });
    this.rules = this.member.rules;
    this.settler = this.member.settler;
    for (const connection of [this.member.blocking, commands]) connection.on('close', this.noteLost);
    this.onBlocking = new Functions(this.member.blocking, STREAMS_LIBRARY);
    const key = keys.lease(group, partition);
    this.lease = new Lease(functions, { key, group, consumer, claimAfterMs, leases }, onError);
  }

  until(stop: AbortSignal): AsyncIterable<Batch> {
    return new OrderedBatches(this, this.rules).until(stop);
  }

  get mostBytes(): number {
    return this.context.budget.bytes;
  }

  get isOver(): boolean {
    return this.lease.isOver || this.lease.token !== this.token || this.isBroken;
  }

  get isGivenUp(): boolean {
    return this.isBroken || this.lease.isUnfair;
  }

  async acquire(stop: AbortSignal): Promise<number | undefined> {
    const token = await this.lease.acquire(stop);
    if (token === undefined) return undefined;
    if (token !== this.token || this.isBroken) {
      // Of an answer that was lost nothing was handed out: it is not to count as what a crash left.
      if (token === this.token) await this.member.claimer.disown(this.member.streams);
      this.token = token;
      this.isBroken = false;
      this.isNew = true;
      this.takenTo.clear();
      this.read.clear();
      this.turns += 1;
      await this.member.retries.move(); // Parked by an owner that is gone, so its timer is too.
    }
    return this.turns;
  }

  async fetch(limit: number, waitMs: number): Promise<readonly HeldEntry[]> {
    const { streams: names, fetcher } = this.member;
    await this.member.ensureGroups(names);
    if (this.isNew) {
      const left = await this.openLeft(await this.takeOver(names, limit));
      if (this.isBroken) return [];
      if (!this.isNew) this.read.clear();
      if (left.length > 0) return left;
    }
    // Asked right behind the read, on its connection: what another consumer was handed before us is known by then.
    const sources = names.map((name) => this.member.key(name));
    let foreignPending: Promise<unknown> | undefined;
    const entries = await fetcher.fetch(names, limit, waitMs, () => {
      foreignPending = this.onBlocking.call('foreign_pending', sources, [this.options.group, this.consumer]);
      foreignPending.catch(() => undefined); // Where the read failed too, that is told.
    });
    const fresh = entries.map((entry): HeldEntry => ({ entry, count: 1, isMarked: true, isSuspect: false }));
    // What was asked behind an answer that was dropped was dropped with it; whatever was read is taken up at the next turn.
    if (fetcher.hasLost()) this.noteLost();
    if (this.isBroken) return [];
    const all = (await foreignPending) === 1 ? inOrder([...(await this.claimOthers(names, limit)), ...fresh]) : fresh;
    const single = await this.openLeft(all);
    return this.isBroken ? [] : single; // Whatever was read is taken up at the next turn, with what was before it.
  }

  async mark(entries: readonly HeldEntry[]): Promise<boolean> {
    const { group } = this.options;
    const names = [...new Set(entries.map(({ entry }) => entry.source))];
    const keys = names.map((name) => this.member.key(name));
    const marks = entries.flatMap(({ entry, count }) => [names.indexOf(entry.source) + 1, entry.id, count]);
    const done = await this.context.functions.call(
      'mark',
      [this.leaseKey, ...keys],
      [group, this.consumer, this.token, ...marks],
    );
    if (done !== 1) this.noteLost();
    return done === 1;
  }

  unpaused(stop: AbortSignal): Promise<void> {
    return this.member.unpaused(stop);
  }

  recover(error: Error): void {
    this.noteLost();
    if (isNoGroup(error)) this.member.forgetGroups();
    else this.context.onError(error);
  }

  async leave(): Promise<void> {
    this.context.commands.off('close', this.noteLost);
    this.member.close();
    try {
      await this.lease.yield();
      await this.member.leave();
    } catch (error) {
      this.context.onError(error as Error);
    }
  }

  interrupt(): void {
    void this.member.fetcher.interrupt();
  }

  /**
   * A frame that may be what killed its consumers is taken apart: then its attempts count for none of its events. In key order
   * one that an earlier turn handed out is too: some of its events may be done.
   */
  private async openLeft(all: readonly HeldEntry[]): Promise<readonly HeldEntry[]> {
    const isKeyed = this.options.order === 'key';
    const isWanted = ({ entry, count, isSuspect }: HeldEntry) =>
      isFrame(entry) && (isSuspect || (isKeyed && count > 1));
    if (!all.some(isWanted)) return all;
    const single: HeldEntry[] = [];
    for (const held of all) {
      if (!isWanted(held)) single.push(held);
      else {
        const attempts = held.isSuspect ? 0 : held.count - 1;
        const opened = await this.open(held.entry, held.entry.deliveries, attempts);
        for (const entry of opened ?? []) single.push({ ...held, entry, count: 1, isMarked: true });
      }
    }
    return single;
  }

  async takeApart(frame: Entry, left: readonly EntryDelivery[]): Promise<readonly Entry[] | undefined> {
    const opened = await this.open(frame, left, (left[0]?.attempt ?? 1) - 1);
    const last = opened?.at(-1)?.deliveries[0];
    if (last?.position === left.at(-1)?.position && last?.stream === frame.source) return opened;
    this.noteLost(); // It was claimed; what was read beside it is taken up at the next turn.
    return undefined;
  }

  private async open(
    frame: Entry,
    deliveries: readonly EntryDelivery[],
    attempts: number,
  ): Promise<Entry[] | undefined> {
    const opened = await this.member.frames.open(frame, deliveries, String(this.token), attempts);
    if (opened === undefined) this.noteLost();
    else if (this.isNew) for (const entry of opened) this.read.add(nameOf(entry));
    return opened;
  }

  private get leaseKey(): string {
    return this.context.keys.lease(this.options.group, this.options.partition);
  }

  /**
   * More of what is pending, whoever had it; nothing where that was all, or the turn is over. In key order all of it at once, up to
   * twice of what an owner has in flight: what was left of a frame stands in the again stream, perhaps behind younger events.
   */
  private async takeOver(names: readonly string[], limit: number): Promise<HeldEntry[]> {
    const all: HeldEntry[] = [];
    for (let bytes = 0; this.isNew && !this.isBroken; ) {
      const { entries, from, isMore } = await this.claimPending(names, limit, (name) => this.takenTo.get(name) ?? '-');
      for (const [name, id] of from) this.takenTo.set(name, id);
      this.isNew = isMore;
      // What was read while a frame was taken apart is in flight.
      const left = entries.filter(({ entry }) => !this.read.has(nameOf(entry)));
      all.push(...left);
      bytes += left.reduce((sum, { entry }) => sum + bytesOf(entry), 0);
      if (all.length > 0 && (this.options.order !== 'key' || bytes > 2 * this.mostBytes)) break;
    }
    return inOrder(all);
  }

  /** What earlier owners were handed although they are none any more. */
  private async claimOthers(names: readonly string[], limit: number): Promise<HeldEntry[]> {
    const all: HeldEntry[] = [];
    for (let bytes = 0; ; ) {
      const { entries, isMore } = await this.claimPending(names, limit, () => '');
      all.push(...entries);
      if (!isMore) return inOrder(all);
      bytes += entries.reduce((sum, { entry }) => sum + bytesOf(entry), 0);
      // More than there is room for is taken up as at the start of a turn, a part at a time.
      if (bytes > this.mostBytes) this.noteLost();
      if (this.isBroken) return [];
    }
  }

  /** A part of what is pending, the oldest first, from where on it is asked for in each stream. */
  private async claimPending(
    names: readonly string[],
    limit: number,
    fromOf: (name: string) => string,
  ): Promise<Claimed> {
    const { group, partition, hop } = this.options;
    const key = (of: string) => this.member.key(of);
    const answer = (await this.context.functions.call(
      'claim_pending',
      [this.leaseKey, key(deadStream(group)), ...names.map(key)],
      [group, this.consumer, this.token, limit, hop, ...names.map(fromOf)],
    )) as [[Rows, number[]][], string[], number] | null;
    if (answer === null) this.noteLost();
    const [sources, from, more] = answer ?? [[], [], 0];
    const entries = sources.flatMap(([rows, counts], s) =>
      rows.map(([id, fields], n): HeldEntry => {
        const count = (counts[n] as number) + 1;
        const entry = readEntry(names[s] as string, partition, id, fields ?? [], count);
        return { entry, count, isMarked: false, isSuspect: count > SUSPECT_AFTER };
      }),
    );
    return { entries: inOrder(entries), from: from.map((id, s) => [names[s] as string, id]), isMore: more === 1 };
  }
}

/** What was taken over: entries, from where on there is more in each stream, and whether there is. */
interface Claimed {
  readonly entries: HeldEntry[];
  readonly from: readonly (readonly [name: string, from: string])[];
  readonly isMore: boolean;
}

const nameOf = ({ source, id }: Entry): string => `${source}/${id}`;

/** By where they first stood, which is by age; the sort is stable, so streams of the same millisecond keep theirs. */
const inOrder = (entries: HeldEntry[]): HeldEntry[] =>
  entries.sort((a, b) => byPosition(positionOf(a.entry), positionOf(b.entry)));

// What was taken out of a frame is in another stream, and younger there than what came behind the frame.
const positionOf = ({ deliveries: [first], id }: Entry): Position => first?.position ?? id;
