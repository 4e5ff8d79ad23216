import { randomUUID } from 'node:crypto';
import { INBOX, inEveryPartition, monotonicMs, pause, sharedAbort } from '@millrace/streams';
import type { Gate, Keys, Partitions, Registry } from '@millrace/streams/redis';
import { gateText } from '@millrace/streams/redis/internal';
import type { Settings } from '../control/settings.js';
import type { OperationFunctions } from '../functions/operations-library.js';
import type { Observations } from '../observe/observations.js';
import type { Drain, HeldUp } from './drain.js';

/** How long gates stay closed whose closer is gone. */
const LEASE_MS = 5000;
const LOOK_EVERY_MS = 50;
export const MOST_PARTITIONS = 1024;

/** What a raise did. */
export interface Raised {
  readonly from: number;
  readonly to: number;
  /** For how long no events were accepted. */
  readonly closedMs: number;
}

/** Why the number of partitions stays as it is: one sentence. */
export class RaiseRefused extends Error {
  override readonly name = 'RaiseRefused';

  constructor(
    message: string,
    /** `invalid`: it can never be so. `held`: it may be another time. */
    readonly kind: 'invalid' | 'held',
  ) {
    super(message);
  }
}

const held = (why: string): RaiseRefused => new RaiseRefused(why, 'held');

/**
 * Raises the number of partitions on a running system. The gates are closed, so that no events are accepted; what was is
 * routed, and what groups keep in order is delivered; then there is a new number, and the gates open. So the events of
 * a key that change their partition come after all those that did not.
 */
export class Raiser {
  constructor(
    private readonly functions: OperationFunctions,
    private readonly keys: Keys,
    private readonly partitions: Partitions,
    private readonly registry: Registry,
    private readonly settings: Settings,
    private readonly drain: Drain,
    private readonly observations: Observations,
  ) {}

  /**
   * Waits at most `waitMs` for what has to be through; no events are accepted meanwhile. Rejects with `RaiseRefused` where
   * the number stays, and then events are accepted again; with `Unavailable`, which leaves open what became of it.
   */
  async raise(to: number, waitMs: number): Promise<Raised> {
    const { count: from } = await this.partitions.read();
    if (to < from) {
      throw new RaiseRefused(`there are ${from} partitions; the partition count cannot decrease`, 'invalid');
    }
    if (to > MOST_PARTITIONS)
      throw new RaiseRefused(`the partition count must be at most ${MOST_PARTITIONS}, got ${to}`, 'invalid');
    if (to === from) return { from, to, closedMs: 0 };
    await this.refuseHopeless(from);
    const name = randomUUID();
    if (!(await this.hold(name, to, true))) throw held('another partition increase is in progress');
    const began = monotonicMs();
    try {
      await this.close(name, from);
      await this.drained(name, { from, to, until: began + waitMs });
      if (!(await this.end(name, true))) throw this.lost();
    } catch (error) {
      await this.giveUp(name, from);
      throw error;
    }
    // It is raised: gates that cannot be opened now are by the first who is refused.
    await this.partitions.open(name, from, to).catch(() => undefined);
    await this.partitions.read().catch(() => undefined);
    return { from, to, closedMs: monotonicMs() - began };
  }

  /** What would only close the gates for as long as somebody is willing to wait. */
  private async refuseHopeless(count: number): Promise<void> {
    const [groups, pauses, left] = await Promise.all([
      this.registry.groups(),
      this.settings.pauses(),
      this.drain.left(count),
    ]);
    const paused = left.find(({ group }) => pauses.has(group));
    if (paused !== undefined) throw held(`${describe(paused)}, and it is paused; resume it first`);
    if (groups.some(({ streams }) => streams.includes(INBOX))) return;
    const inboxes = await this.observations.streams(inEveryPartition(INBOX, count));
    if (inboxes.some(({ length }) => length > 0))
      throw held('no router is registered to route the events of the inbox');
  }

  private async close(raise: string, count: number): Promise<void> {
    for (let partition = 0; partition < count; ) {
      const text = await this.partitions.gate(partition);
      if (await this.partitions.setGate(partition, text, { count, raise })) partition += 1;
    }
  }

  private async drained(name: string, { from, to, until }: { from: number; to: number; until: number }): Promise<void> {
    for (let renewedAt = monotonicMs(); ; ) {
      const left = await this.drain.left(from);
      // A gate that a failover has opened let events in, which may be anywhere by now.
      if (left.length === 0 && (await this.areClosed(from, { count: from, raise: name }))) return;
      if (monotonicMs() >= until) throw held(this.tooLate(left));
      if (monotonicMs() - renewedAt > LEASE_MS / 3) {
        if (!(await this.hold(name, to, false))) throw this.lost();
        renewedAt = monotonicMs();
      }
      await pause(LOOK_EVERY_MS, NEVER);
    }
  }

  private tooLate(left: readonly HeldUp[]): string {
    if (left.length === 0) return 'Redis failed over during the increase';
    return `not done in time: ${left.map(describe).join('; ')}`;
  }

  private lost(): RaiseRefused {
    return held('this increase was abandoned: its lease expired before it could be renewed');
  }

  private async areClosed(count: number, gate: Gate): Promise<boolean> {
    const all = await Promise.all(Array.from({ length: count }, (_, partition) => this.partitions.gate(partition)));
    return all.every((text) => text === gateText(gate));
  }

  /** Takes or renews the lease. */
  private async hold(name: string, to: number, begins: boolean): Promise<boolean> {
    const args = [name, to, LEASE_MS, begins ? 1 : 0];
    const [isHeld] = (await this.functions.call('raise', [this.key], args)) as [number];
    return isHeld === 1;
  }

  private async end(name: string, isDone: boolean): Promise<boolean> {
    return (await this.functions.call('raised', [this.key], [name, isDone ? 1 : 0])) === 1;
  }

  /** Opens the gates for the number there is: the raise may be done, too, where only its answer was lost. */
  private async giveUp(name: string, closed: number): Promise<void> {
    try {
      await this.end(name, false);
      const { count } = await this.partitions.read();
      await this.partitions.open(name, closed, count);
    } catch {
      // Redis is away: the lease runs out, and whoever looks next opens them.
    }
  }

  private get key(): string {
    return this.keys.control('partitions');
  }
}

const NEVER = sharedAbort().signal;

const describe = ({ group, events, stream }: HeldUp): string =>
  `${group} has ${events} ${events === 1 ? 'event' : 'events'} unacknowledged, such as in ${stream.name} of partition ${stream.partition}`;
