import { monotonicMs } from '../../time/interval.js';
import { pause } from '../../time/pause.js';
import { PeriodicTask } from '../../time/periodic-task.js';
import type { Functions } from '../functions/functions.js';

/** How long a lease runs without being renewed, at most; it is renewed every third of that. */
const LONGEST_MS = 5000;

/** The leases that a process has, by group. */
export class Leases {
  private readonly held = new Map<string, Set<Lease>>();

  /** How many partitions of a group the process has. */
  count(group: string): number {
    return this.held.get(group)?.size ?? 0;
  }

  note(group: string, lease: Lease, isHeld: boolean): void {
    const of = this.held.get(group) ?? new Set();
    if (isHeld) this.held.set(group, of.add(lease));
    else of.delete(lease);
  }
}

/** Whose lease it is, and where. */
export interface LeaseHolder {
  readonly key: string;
  readonly group: string;
  readonly consumer: string;
  readonly claimAfterMs: number;
  /** Of the process. */
  readonly leases: Leases;
}

/** A consumer's turn at a partition that is read by one at a time. */
export class Lease {
  private readonly ms: number;
  /** 0 while another client has it. */
  private held = 0;
  private endsAt = 0;
  private renewing: PeriodicTask | undefined;

  /** Somebody stands by whose process has fewer. */
  isUnfair = false;

  constructor(
    private readonly functions: Functions,
    private readonly holder: LeaseHolder,
    private readonly onError: (error: Error) => void,
  ) {
    this.ms = Math.round(Math.min(holder.claimAfterMs, LONGEST_MS));
  }

  /** Names this turn; every later owner has a higher one. */
  get token(): number {
    return this.held;
  }

  /** Whether another client has it, may have, as it could not be renewed in time, or should have. */
  get isOver(): boolean {
    return this.held === 0 || this.isUnfair || monotonicMs() >= this.endsAt;
  }

  /** Waits for it. Undefined where the signal aborted first; rejects with `Unavailable`. */
  async acquire(stop: AbortSignal): Promise<number | undefined> {
    this.keepRenewing();
    if (this.isUnfair) await this.giveUp();
    while (!stop.aborted) {
      const free = await this.renew();
      if (this.held > 0) return this.held;
      await pause(Math.min(free, this.ms / 3), stop);
    }
    return undefined;
  }

  /** Gives it up, for others to take at once; who stood by for it is not waited for any more. */
  async yield(): Promise<void> {
    if (this.renewing === undefined) return;
    const stopped = this.renewing.stop();
    this.renewing = undefined;
    await stopped;
    await this.giveUp();
  }

  private keepRenewing(): void {
    const everyMs = this.ms / 3;
    this.renewing ??= new PeriodicTask(() => this.renew(), { everyMs, onError: this.onError });
    this.renewing.start(everyMs);
  }

  private async giveUp(): Promise<void> {
    const { key, consumer } = this.holder;
    await this.functions.call('yield', [key], [consumer]);
    this.note(0, -1);
  }

  /** Takes or renews it; gives how long another's still runs. */
  private async renew(): Promise<number> {
    const { key, consumer, group, leases } = this.holder;
    const asked = monotonicMs();
    const args = [consumer, this.ms, leases.count(group)];
    const [token, free, nextHas] = (await this.functions.call('lease', [key], args)) as [number, number, number];
    this.endsAt = asked + this.ms;
    this.note(token, nextHas);
    return free;
  }

  private note(token: number, nextHas: number): void {
    const { group, leases } = this.holder;
    this.held = token;
    leases.note(group, this, token > 0);
    this.isUnfair = token > 0 && nextHas >= 0 && leases.count(group) - nextHas > 1;
  }
}
