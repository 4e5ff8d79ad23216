import type { Batch, Consumer, ConsumerOptions } from '../../contract.js';
import { bytesOf, divided, type Entry, eventsIn } from '../../entry.js';
import { exhausted } from '../../exhausted.js';
import { monotonicMs } from '../../interval.js';
import { againStream } from '../../names.js';
import { OpenBatch } from '../../open-batch.js';
import { backoff, pause } from '../../pause.js';
import type { SettlementRules } from '../../settlement.js';
import { isNoGroup } from '../connection/connection.js';
import { Settler } from '../settle/settler.js';
import { Claimer } from './claimer.js';
import type { ConsumerContext } from './consumer-context.js';
import { Fetcher } from './fetcher.js';
import { FrameOpener, isFrame } from './frame-opener.js';
import { Groups } from './groups.js';
import { keepAlive } from './keep-alive.js';
import { RetryTimer } from './retry-timer.js';

/** From which delivery on an entry is claimed alone; see the Function `claim`. */
const SUSPECT_FROM = 3;

/** How soon the end of a pause is noticed, once this process knows of it. */
const LOOK_AT_PAUSE_MS = 100;

const isSuspect = ({ deliveries: [first] }: Entry): boolean => (first?.attempt ?? 0) >= SUSPECT_FROM;

/** A member of a consumer group on the streams of one partition. */
export class RedisConsumer implements Consumer {
  private readonly groups: Groups;
  private readonly claimer: Claimer;
  private readonly settler: Settler;
  private readonly frames: FrameOpener;
  private readonly retries: RetryTimer;
  /** After a claim a read comes first, so that a long backlog of claims does not hold up the live stream. */
  private readNext = false;

  constructor(
    readonly name: string,
    private readonly options: Required<ConsumerOptions>,
    private readonly context: ConsumerContext,
  ) {
    const { group, partition, hop, claimAfterMs } = this.options;
    const { functions, keys } = context;
    this.groups = new Groups(functions, keys, group);
    this.claimer = new Claimer(functions, keys, { group, consumer: name, hop, partition, claimAfterMs });
    this.frames = new FrameOpener(functions, keys, { group, consumer: name, partition });
    this.retries = new RetryTimer(
      functions,
      [
        keys.parked(group, partition),
        keys.payloads(group, partition),
        keys.stream({ name: againStream(group), partition }),
      ],
      options.maxRetryAgeMs,
      context.onError,
    );
    const rules: SettlementRules = { ...this.options, consumer: name };
    this.settler = new Settler(
      functions,
      keys,
      partition,
      rules,
      claimAfterMs,
      {
        onParked: (ms) => this.retries.wakeIn(ms),
        room: () => context.gauge.room(),
      },
      context.frameMaxEvents,
      context.recorder,
    );
  }

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const stop = AbortSignal.any([signal, this.context.closing]);
    const blocking = this.context.openBlocking();
    const fetcher = new Fetcher(blocking, this.context.commands, this.context.keys, {
      ...this.options,
      consumer: this.name,
      budget: this.context.budget,
      isPaused: () => this.isPaused,
    });
    const leaveBudget = this.context.budget.enter();
    const interrupt = () => void fetcher.interrupt();
    stop.addEventListener('abort', interrupt);
    let ended: () => void = () => undefined;
    this.context.onRunning(new Promise((resolve) => (ended = resolve)));
    try {
      yield* this.untilStopped(stop, fetcher);
    } finally {
      stop.removeEventListener('abort', interrupt);
      leaveBudget();
      this.retries.stop();
      blocking.disconnect();
      await this.leave();
      ended();
    }
  }

  private async *untilStopped(stop: AbortSignal, fetcher: Fetcher): AsyncIterable<Batch> {
    for (let failures = 0; !stop.aborted; ) {
      if (this.isPaused) {
        await pause(LOOK_AT_PAUSE_MS, stop);
        continue;
      }
      let entries: Entry[];
      try {
        entries = await this.next(fetcher, stop);
        failures = 0;
      } catch (error) {
        if (stop.aborted) return;
        await this.recover(error as Error, ++failures, stop);
        continue;
      }
      if (entries.length > 0) yield* this.inHand(entries);
    }
  }

  private get isPaused(): boolean {
    return this.context.controls.isPaused(this.options.group);
  }

  /** Hands batches out, one after the other and all of them alive, and takes back what was not settled. */
  private async *inHand(entries: readonly Entry[]): AsyncIterable<Batch> {
    const { claimAfterMs, maxBatch } = this.options;
    const { onError } = this.context;
    const batches = divided(entries, maxBatch).map((part) => new OpenBatch(part, this.settler));
    const unsettled = () => batches.flatMap((batch) => [...batch.unsettled]);
    const release = keepAlive(unsettled, claimAfterMs, (held) => this.settler.renew(held), onError);
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

  private async next(fetcher: Fetcher, stop: AbortSignal): Promise<Entry[]> {
    const streams = [...this.options.streams(), againStream(this.options.group)];
    await this.groups.ensure(streams.map((name) => ({ name, partition: this.options.partition })));
    if (fetcher.hasLost()) await this.claimer.disown(streams);
    if (this.claimer.isDue && !this.readNext) {
      this.readNext = true;
      const claimed = await this.claim(streams, fetcher.entriesFor(this.options.maxBatch));
      await this.retries.move(); // Parked by a consumer that is gone, so its timer is too.
      const dead = await exhausted(claimed, this.settler, this.options.maxAttempts);
      return claimed.filter((entry) => !dead.has(entry));
    }
    this.readNext = false;
    const entries = await fetcher.fetch(streams, this.options.maxBatch, this.claimer.dueInMs);
    return entries.length === 0 ? entries : this.fill(entries, fetcher, streams, stop);
  }

  /** A frame that may be what killed its consumers is taken apart, so that its events go on one by one. */
  private async claim(streams: readonly string[], limit: number): Promise<Entry[]> {
    const claimed = await this.claimer.claim(streams, limit);
    const suspects = claimed.filter((entry) => isFrame(entry) && isSuspect(entry));
    for (const frame of suspects) await this.frames.give(frame);
    return suspects.length === 0 ? claimed : claimed.filter((entry) => !suspects.includes(entry));
  }

  /** Waits a little for more where the options ask for it. */
  private async fill(
    entries: Entry[],
    fetcher: Fetcher,
    streams: readonly string[],
    stop: AbortSignal,
  ): Promise<Entry[]> {
    const until = monotonicMs() + this.options.maxWaitMs;
    let left = until - monotonicMs();
    for (let missing = this.missing(entries); left > 0 && missing > 0 && !stop.aborted; ) {
      const more = await fetcher.fetch(streams, missing, left).catch((error: Error) => {
        this.context.onError(error); // What was read is in hand; the next read will say it again.
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

  /** They are made again before the next read. */
  private forgetGroups(): void {
    const { group, partition } = this.options;
    this.context.onNotice(`consumer group ${group} missing in partition ${partition}; recreated at 0`);
    this.groups.forget();
  }

  private async recover(error: Error, failures: number, stop: AbortSignal): Promise<void> {
    if (isNoGroup(error)) this.forgetGroups();
    if (!isNoGroup(error) || failures > 1) {
      this.context.onError(error);
      await pause(backoff(failures), stop);
    }
  }

  /** Goes from the groups, if nothing is pending for it. */
  private async leave(): Promise<void> {
    const { group, partition } = this.options;
    const streams = [...this.options.streams(), againStream(group)];
    const keys = streams.map((name) => this.context.keys.stream({ name, partition }));
    await this.context.functions.call('leave', keys, [group, this.name]).catch(this.context.onError);
  }
}
