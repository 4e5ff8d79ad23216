import { Unavailable } from '../../errors.js';
import { INBOX } from '../../names.js';
import type { Partitioning } from '../../partition.js';
import { monotonicMs } from '../../time/interval.js';
import { PeriodicTask } from '../../time/periodic-task.js';
import type { Connection } from '../connection/connection.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';
import type { Finding } from '../observe/doctor.js';
import { type Gate, type GateClosed, gateText, parseGate } from './gate.js';

const EVERY_MS = 1000;
/** Who is refused by a gate asks why, no more often than this. */
const AGAIN_AFTER_MS = 200;

/** The number of partitions, as it is stored. */
export interface PartitionState {
  readonly count: number;
  /** A raise in progress. */
  readonly raise?: { readonly name: string; readonly to: number };
}

/**
 * How many partitions there are: one number in Redis, which a process that follows it reads every second. What its
 * configuration says is what a new installation begins with. Where Redis is away, or lost the number, the one that was
 * known last is still so.
 */
export class Partitions implements Partitioning {
  /** What Redis said, which a Redis that lost it is told again; 0 while nobody has stored it. */
  private known = 0;
  private isAsked = false;
  private readonly listeners = new Set<(count: number) => void>();
  private isFollowing = false;
  private readonly following = new PeriodicTask(() => this.read(), {
    everyMs: EVERY_MS,
    onError: (error) => this.unknown(error),
    unref: true,
  });
  /** Partitions at whose gates this process looks. */
  private readonly atGates = new Set<number>();
  private closedBy: string | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private told = '';

  constructor(
    private readonly redis: Connection,
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly configured: number,
    /** Whether it stores the number where there is none. */
    private readonly stores: boolean,
    private readonly onNotice: (notice: string) => void,
    /** Called with the controls, which are asked for in the same call; undefined where Redis is away. */
    private readonly onControls: (fields: Readonly<Record<string, string>> | undefined) => void,
  ) {}

  /** As of the last look; where nobody has stored it, what the configuration says. */
  get count(): number {
    return this.known === 0 ? this.configured : this.known;
  }

  /** Begins to follow; calling it again is a no-op. */
  start(): void {
    if (this.isFollowing) return;
    this.isFollowing = true;
    this.following.start();
  }

  stop(): Promise<void> {
    this.listeners.clear();
    return this.following.stop();
  }

  follow(listener: (count: number) => void): () => void {
    this.start();
    this.listeners.add(listener);
    if (this.isAsked) listener(this.count);
    return () => this.listeners.delete(listener);
  }

  /** Resolves once Redis was asked; rejects with `Unavailable` where it has to be and cannot. */
  async ready(): Promise<void> {
    if (!this.isAsked) await this.read();
  }

  /** As it is stored, asked from now on. Rejects with `Unavailable`. */
  async read(): Promise<PartitionState> {
    const keys = [this.key, this.keys.control('controls')];
    const least = this.known === 0 ? await this.inUse() : 0;
    const answer = await this.functions.call('number', keys, [least, this.known]);
    const [stored, name, to, ended, controls] = answer as [number, string, number, string, string[]];
    this.note(stored);
    const { count } = this;
    this.told = '';
    this.onControls(recordOf(controls));
    if (ended !== '') {
      this.onNotice(`partition increase abandoned: the count stays at ${count}; accepting events again`);
      await this.open(ended, count, count);
    }
    return { count, ...(name === '' ? {} : { raise: { name, to } }) };
  }

  /**
   * What a number that nobody stored yet has to be, at least: what is configured, or as many as there are inboxes of a version
   * that stored none. 0 for who leaves it to others to store it.
   */
  private async inUse(): Promise<number> {
    if (!this.stores) return 0;
    let count = this.configured;
    while ((await this.redis.exists(this.keys.stream({ name: INBOX, partition: count }))) === 1) count += 1;
    return count;
  }

  /** That Redis is away is told elsewhere; anything else, once. */
  private unknown(error: Error): void {
    this.onControls(undefined);
    if (error instanceof Unavailable || error.message === this.told) return;
    this.told = error.message;
    this.onNotice(`cannot read the partition count: ${error.message}`);
  }

  /** What its configuration says, beside what is so. Rejects with `Unavailable`. */
  async examine(): Promise<Finding> {
    const { count, raise } = await this.read();
    if (raise !== undefined) {
      return { check: 'partitions', verdict: 'ok', detail: `${count}, increasing to ${raise.to}` };
    }
    if (count === this.configured) return { check: 'partitions', verdict: 'ok', detail: nowThere(count) };
    const orRaise = this.configured < count ? '' : ', or increase the count: millrace partitions raise';
    return {
      check: 'partitions',
      verdict: 'warning',
      detail: `${nowThere(count)} in Redis, which takes precedence over PARTITIONS=${this.configured}; set it to ${count}${orRaise}`,
    };
  }

  /**
   * A gate refused us: asks for the number, and puts the gate right where it is not as the number says, because whoever
   * closed it is gone or a failover lost what was written last. Never rejects.
   */
  async refused({ partition, gate }: GateClosed): Promise<void> {
    const isKnown = gate.raise !== undefined && gate.raise === this.closedBy;
    if (this.atGates.has(partition) || (isKnown && monotonicMs() - this.lookedAt < AGAIN_AFTER_MS)) return;
    this.atGates.add(partition);
    try {
      // A gate is opened for a number only after that is stored: a smaller one in store is a loss.
      if (gate.raise === undefined) this.note(gate.count);
      const { count, raise } = await this.read();
      this.closedBy = raise?.name;
      this.lookedAt = monotonicMs();
      if (gate.raise === undefined ? gate.count < count : gate.raise !== raise?.name) {
        await this.setGate(partition, gateText(gate), { count });
      }
    } catch {
      // Redis is away, which whoever appends is told; the next refusal asks again.
    } finally {
      this.atGates.delete(partition);
    }
  }

  /** What the gate of a partition says; undefined where nothing was ever raised. Rejects with `Unavailable`. */
  async gate(partition: number): Promise<string | undefined> {
    return (await this.redis.get(this.keys.gate(partition))) ?? undefined;
  }

  /** Sets a gate that says what is expected; false where it says something else. Rejects with `Unavailable`. */
  async setGate(partition: number, expected: string | undefined, gate: Gate): Promise<boolean> {
    const args = [expected ?? '', gateText(gate)];
    return (await this.functions.call('gate', [this.keys.gate(partition)], args)) === 1;
  }

  /** Opens those of the first partitions that a raise has closed. Rejects with `Unavailable`. */
  async open(raise: string, closed: number, count: number): Promise<void> {
    for (let partition = 0; partition < closed; partition += 1) {
      const text = await this.gate(partition);
      if (text !== undefined && parseGate(text).raise === raise) await this.setGate(partition, text, { count });
    }
  }

  private note(stored: number): void {
    const before = this.isAsked ? this.count : 0;
    this.isAsked = true;
    this.known = Math.max(this.known, stored);
    if (this.count === before) return;
    if (before > 0) this.onNotice(`partition count is now ${this.count}, was ${before}`);
    for (const listener of this.listeners) listener(this.count);
  }

  private get key(): string {
    return this.keys.control('partitions');
  }
}

/** RESP2 gives a list: field, value, … */
const recordOf = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((field, i) => (i % 2 === 0 ? [[field, flat[i + 1] as string]] : [])));

const nowThere = (count: number): string => (count === 1 ? 'there is 1 partition' : `there are ${count} partitions`);
