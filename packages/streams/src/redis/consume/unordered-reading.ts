import type { Batch, ConsumerOptions } from '../../contract.js';
import { bytesOf, divided, type Entry, eventsIn } from '../../entry.js';
import { exhausted } from '../../settlement/exhausted.js';
import { OpenBatch } from '../../settlement/open-batch.js';
import { monotonicMs } from '../../time/interval.js';
import { backoff, pause } from '../../time/pause.js';
import { isNoGroup } from '../connection/connection.js';
import { isFrame } from './frame-opener.js';
import { keepAlive } from './keep-alive.js';
import { type ConsumerContext, Member } from './member.js';

/** From which delivery on an entry is claimed alone; see the Function `claim`. */
const SUSPECT_FROM = 3;

const isSuspect = ({ deliveries: [first] }: Entry): boolean => (first?.attempt ?? 0) >= SUSPECT_FROM;

/** Reads as a member of a group beside others, in no order: what fails waits, and what others left is claimed. */
export class UnorderedReading {
  private readonly member: Member;
  /** After a claim a read comes first, so that a long backlog of claims does not hold up the live stream. */
  private readNext = false;

  constructor(
    name: string,
    private readonly options: Required<ConsumerOptions>,
    private readonly context: ConsumerContext,
  ) {
    this.member = new Member(name, options, context);
  }

  interrupt(): void {
    void this.member.fetcher.interrupt();
  }

  async *until(stop: AbortSignal): AsyncIterable<Batch> {
    try {
      yield* this.untilStopped(stop);
    } finally {
      this.member.close();
      await this.member.leave().catch(this.context.onError);
    }
  }

  private async *untilStopped(stop: AbortSignal): AsyncIterable<Batch> {
    for (let failures = 0; !stop.aborted; ) {
      await this.member.unpaused(stop);
      if (stop.aborted) return;
      let entries: Entry[];
      try {
        entries = await this.next(stop);
        failures = 0;
      } catch (error) {
        if (stop.aborted) return;
        await this.recover(error as Error, ++failures, stop);
        continue;
      }
      if (entries.length > 0) yield* this.inHand(entries);
    }
  }

  /** Hands batches out, one after the other and all of them alive, and takes back what was not settled. */
  private async *inHand(entries: readonly Entry[]): AsyncIterable<Batch> {
    const { claimAfterMs, maxBatch } = this.options;
    const { onError } = this.context;
    const { settler } = this.member;
    const batches = divided(entries, maxBatch).map((part) => new OpenBatch(part, settler));
    const unsettled = () => batches.flatMap((batch) => [...batch.unsettled]);
    const release = keepAlive(unsettled, claimAfterMs, (held) => settler.renew(held), onError);
    try {
      for (const batch of batches) {
        yield batch;
        await batch.release().catch(onError);
      }
    } finally {
      release();
      for (const batch of batches) await batch.release().catch(onError);
    }
  }

  private async next(stop: AbortSignal): Promise<Entry[]> {
    const { fetcher, claimer, retries, settler, streams } = this.member;
    await this.member.ensureGroups(streams);
    if (fetcher.hasLost()) await claimer.disown(streams);
    if (claimer.isDue && !this.readNext) {
      this.readNext = true;
      const claimed = await this.claim(streams, fetcher.entriesFor(this.options.maxBatch));
      await retries.move(); // Parked by a consumer that is gone, so its timer is too.
      const dead = await exhausted(claimed, settler, this.options.maxAttempts);
      return claimed.filter((entry) => !dead.has(entry));
    }
    this.readNext = false;
    const entries = await fetcher.fetch(streams, this.options.maxBatch, claimer.dueInMs);
    return entries.length === 0 ? entries : this.fill(entries, streams, stop);
  }

  /** A frame that may be what killed its consumers is taken apart, so that its events go on one by one. */
  private async claim(streams: readonly string[], limit: number): Promise<Entry[]> {
    const claimed = await this.member.claimer.claim(streams, limit);
    const suspects = claimed.filter((entry) => isFrame(entry) && isSuspect(entry));
    for (const frame of suspects) await this.member.frames.give(frame);
    return suspects.length === 0 ? claimed : claimed.filter((entry) => !suspects.includes(entry));
  }

  /** Waits a little for more where the options ask for it. */
  private async fill(entries: Entry[], streams: readonly string[], stop: AbortSignal): Promise<Entry[]> {
    const until = monotonicMs() + this.options.maxWaitMs;
    let left = until - monotonicMs();
    for (let missing = this.missing(entries); left > 0 && missing > 0 && !stop.aborted; ) {
      const more = await this.member.fetcher.fetch(streams, missing, left).catch((error: Error) => {
        this.context.onError(error); // What was read is in flight; the next read will say it again.
        return [];
      });
      entries.push(...more);
      missing = this.missing(entries);
      left = until - monotonicMs();
    }
    return entries;
  }

  /** How many events a batch of these lacks to be full; none where they have as many bytes as may be in flight. */
  private missing(entries: readonly Entry[]): number {
    const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    if (bytes >= this.context.budget.bytes) return 0;
    return this.options.maxBatch - eventsIn(entries);
  }

  private async recover(error: Error, failures: number, stop: AbortSignal): Promise<void> {
    if (isNoGroup(error)) this.member.forgetGroups();
    if (!isNoGroup(error) || failures > 1) {
      this.context.onError(error);
      await pause(backoff(failures), stop);
    }
  }
}
