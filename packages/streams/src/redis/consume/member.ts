import type { Redis } from 'ioredis';
import type { ConsumerOptions } from '../../contract.js';
import { againStream } from '../../names.js';
import type { SettlementRules } from '../../settlement/settlement.js';
import { pause } from '../../time/pause.js';
import type { Keys } from '../connection/keys.js';
import type { MemoryGauge } from '../connection/memory.js';
import type { Controls } from '../control/controls.js';
import type { Functions } from '../functions/functions.js';
import type { Recorder } from '../settle/recorder.js';
import { Settler } from '../settle/settler.js';
import { Claimer } from './claimer.js';
import { Fetcher } from './fetcher.js';
import { FrameOpener } from './frame-opener.js';
import { Groups } from './groups.js';
import type { Leases } from './lease.js';
import type { ReadBudget } from './read-budget.js';
import { RetryTimer } from './retry-timer.js';

/** How soon the end of a pause is noticed, once this process knows of it. */
const LOOK_AT_PAUSE_MS = 100;

/** What a consumer needs of the transport that made it. */
export interface ConsumerContext {
  /** Of the server that has the consumer's partition. */
  readonly functions: Functions;
  /** For commands of the consumer's partition that return at once. */
  readonly commands: Redis;
  readonly keys: Keys;
  readonly gauge: MemoryGauge;
  readonly leases: Leases;
  /** Most events of an entry that is written. */
  readonly frameMaxEvents: number;
  readonly controls: Controls;
  readonly recorder: Recorder;
  /** What the consumers of the process may have in flight. */
  readonly budget: ReadBudget;
  /** Opens the connection of the blocking read. */
  readonly openBlocking: () => Redis;
  readonly onError: (error: Error) => void;
  readonly onNotice: (notice: string) => void;
  /** Aborts when the transport closes. */
  readonly closing: AbortSignal;
  /** Told when the consumer starts to read; the promise resolves when it has left. */
  readonly onRunning: (ended: Promise<void>) => void;
}

/** What a consumer that has a turn settles by. */
interface Turn {
  /** Of the lease. */
  token(): string;
  /** Told when something was not its own any more. */
  onStale(): void;
}

/** A member of a consumer group in one partition, whatever its order: what it is made of, from its first read to its last. */
export class Member {
  readonly rules: Required<ConsumerOptions> & SettlementRules;
  readonly blocking: Redis;
  readonly fetcher: Fetcher;
  readonly groups: Groups;
  readonly claimer: Claimer;
  readonly frames: FrameOpener;
  readonly retries: RetryTimer;
  readonly settler: Settler;
  private readonly leaveBudget: () => void;

  constructor(
    readonly name: string,
    readonly options: Required<ConsumerOptions>,
    readonly context: ConsumerContext,
    turn?: Turn,
  ) {
    const { functions, keys, budget, onError } = context;
    const { group, partition, hop, claimAfterMs } = options;
    const who = { group, consumer: name, hop, partition, claimAfterMs };
    this.rules = { ...options, consumer: name };
    this.leaveBudget = budget.enter();
    this.blocking = context.openBlocking();
    this.fetcher = new Fetcher(this.blocking, context.commands, keys, {
      ...options,
      consumer: name,
      budget,
      isPaused: () => this.isPaused,
    });
    this.groups = new Groups(functions, keys, group);
    this.claimer = new Claimer(functions, keys, who);
    this.frames = new FrameOpener(functions, keys, who);
    this.retries = new RetryTimer(
      functions,
      [keys.parked(group, partition), keys.payloads(group, partition), this.key(againStream(group))],
      options.maxRetryAgeMs,
      onError,
    );
    this.settler = new Settler(
      functions,
      keys,
      partition,
      this.rules,
      claimAfterMs,
      { onParked: (ms) => this.retries.wakeIn(ms), room: () => context.gauge.room(), ...turn },
      context.frameMaxEvents,
      context.recorder,
    );
  }

  /** Names of what it reads now. */
  get streams(): string[] {
    return [...this.options.streams(), againStream(this.options.group)];
  }

  /** The key of a stream in its partition. */
  key(name: string): string {
    return this.context.keys.stream({ name, partition: this.options.partition });
  }

  get isPaused(): boolean {
    return this.context.controls.isPaused(this.options.group);
  }

  /** Resolves when its group is not paused, or at `stop`. */
  async unpaused(stop: AbortSignal): Promise<void> {
    while (this.isPaused && !stop.aborted) await pause(LOOK_AT_PAUSE_MS, stop);
  }

  /** Makes the group where it is missing. */
  async ensureGroups(streams: readonly string[]): Promise<void> {
    const { partition } = this.options;
    await this.groups.ensure(streams.map((name) => ({ name, partition })));
  }

  /** They are made again before the next read. */
  forgetGroups(): void {
    const { group, partition } = this.options;
    this.context.onNotice(`consumer group ${group} missing in partition ${partition}; recreated at 0`);
    this.groups.forget();
  }

  /** Reads no more. */
  close(): void {
    this.leaveBudget();
    void this.retries.stop();
    this.blocking.disconnect();
  }

  /** Goes from the groups, if nothing is pending for it. */
  async leave(): Promise<void> {
    await this.context.functions.call(
      'leave',
      this.streams.map((name) => this.key(name)),
      [this.options.group, this.name],
    );
  }
}
