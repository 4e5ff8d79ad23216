import type { Delivery, Outcome, Settlement } from '../../contract.js';
import type { DecidedEntry, Entry, EntryDelivery } from '../../entry.js';
import { PermanentError, TransientError, Unavailable } from '../../errors.js';
import { deadStream } from '../../names.js';
import type { EntrySettler } from '../../settlement/open-batch.js';
import type { SettlementRules } from '../../settlement/settlement.js';
import { byId } from '../connection/entry-id.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';
import type { FailedSo, Recorder, Times } from './recorder.js';
import { settleByHalves } from './settle-by-halves.js';
import { inCalls, SettleCall } from './settle-call.js';

/** What a settler tells and asks. */
export interface SettlerHooks {
  /** Told when a delivery was parked: how long until the next is due. */
  readonly onParked: (ms: number) => void;
  /** Asked before copies are made: rejects with `Unavailable` where Redis has no room for them. */
  readonly room: () => Promise<void>;
  /** Told when something was not ours any more. */
  readonly onStale?: () => void;
  /** The token of the lease under which is settled; nothing where there is none. */
  readonly token?: () => string;
}

/** Settles entries by one Function call for up to 500 copies and 1 MiB. */
export class Settler implements EntrySettler {
  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly partition: number,
    private readonly rules: SettlementRules,
    private readonly releasedIdleMs: number,
    private readonly hooks: SettlerHooks,
    /** Most events of an entry that it writes. */
    private readonly frameMaxEvents: number,
    private readonly recorder: Recorder,
  ) {}

  async settle(decided: readonly DecidedEntry[], since: number): Promise<Settlement> {
    const now = Date.now();
    const result = { stale: [] as Delivery[], parked: [] as Delivery[], dead: [] as Delivery[] };
    // What is acknowledged, parked or dead-lettered may always go on: it empties Redis, or hardly fills it.
    if (decided.some(fillsRedis)) await this.hooks.room();
    for (const call of inCalls(decided)) {
      // Of a frame one command after the other may be refused.
      const settle = async (some: readonly DecidedEntry[]) => {
        for (let left = some; left.length > 0; ) left = await this.settleCall(left, { since, now }, result);
      };
      await settleByHalves(call, settle);
    }
    return result;
  }

  waits({ entry: { deliveries }, outcomes }: DecidedEntry, since: number, dueAt: number): void {
    const now = Date.now();
    for (const [n, delivery] of deliveries.entries()) {
      const outcome = outcomes[n] as Outcome;
      this.recorder.failed({ delivery, outcome, since, now }, this.rules, { outcome: 'parked', dueAt });
    }
  }

  async release(entries: readonly Entry[]): Promise<void> {
    for (const some of inPages(entries)) {
      const { sources, keys } = this.sourcesOf(some);
      const { group, consumer } = this.rules;
      const args = [group, consumer, Math.ceil(this.releasedIdleMs), ...idsBySource(some, sources)];
      await this.functions.call('release', keys, args);
    }
  }

  /** Renews what is in flight; gives the entries that are no longer ours. */
  async renew(entries: readonly Entry[]): Promise<Entry[]> {
    const lost: Entry[] = [];
    for (const some of inPages(entries)) {
      const { sources, keys } = this.sourcesOf(some);
      const args = [this.rules.group, this.rules.consumer, ...idsBySource(some, sources)];
      const gone = new Set((await this.functions.call('renew', keys, args)) as string[]);
      lost.push(...some.filter((entry) => gone.has(entry.id)));
    }
    return lost;
  }

  /** One call. Gives those that were refused for a bad target, decided anew as rejected. */
  private async settleCall(
    decided: readonly DecidedEntry[],
    time: Times,
    result: { stale: Delivery[]; parked: Delivery[]; dead: Delivery[] },
  ): Promise<DecidedEntry[]> {
    const call = new SettleCall(decided, this.rules, time.now, this.frameMaxEvents);
    const { group, consumer } = this.rules;
    const args = [group, consumer, this.hooks.token?.() ?? '', ...call.args];
    const [stale, refused, nextDueMs] = (await this.functions.call('settle', this.keysOf(call), args)) as [
      number[],
      (number | string)[],
      number,
    ];
    const untouched = new Set(stale);
    const again: DecidedEntry[] = [];
    for (let i = 0; i < refused.length; i += 3) {
      const [number, why, run] = refused.slice(i, i + 3) as [number, string, number];
      untouched.add(number);
      again.push(withoutRefused(call, call.entries[number - 1] as DecidedEntry, why, run));
    }
    if (stale.length > 0) this.hooks.onStale?.();
    for (const number of stale) result.stale.push(...(call.entries[number - 1] as DecidedEntry).entry.deliveries);
    for (const { entry, delivery } of call.parked) if (!untouched.has(entry)) result.parked.push(delivery);
    for (const { entry, delivery } of call.deadLettered) if (!untouched.has(entry)) result.dead.push(delivery);
    if (nextDueMs >= 0) this.hooks.onParked(nextDueMs);
    this.record(call, untouched, time);
    const isTaken = refused.find((why) => typeof why === 'string' && TAKEN_AWAY.test(why));
    if (isTaken !== undefined) throw new Unavailable(`Redis: ${commandNames(call).join(', ')}: ${isTaken}; allow it`);
    return again;
  }

  private record(call: SettleCall, untouched: ReadonlySet<number>, time: Times): void {
    for (const { entry, delivery, parked } of call.parked) {
      const where = { parkedAs: parked?.name, dueAt: time.now + (parked?.delayMs ?? 0) };
      if (!untouched.has(entry)) this.recordFailed(call, entry, delivery, time, { outcome: 'parked', ...where });
    }
    for (const { entry, delivery } of call.deadLettered) {
      if (!untouched.has(entry)) this.recordFailed(call, entry, delivery, time, { outcome: 'dead' });
    }
    this.recordDone(call, untouched, time);
  }

  private recordFailed(call: SettleCall, entry: number, delivery: EntryDelivery, time: Times, how: FailedSo): void {
    const { entry: of, outcomes } = call.entries[entry - 1] as DecidedEntry;
    const outcome = outcomes[of.deliveries.indexOf(delivery)] as Outcome;
    this.recorder.failed({ delivery, outcome, ...time }, this.rules, how);
  }

  private recordDone({ entries }: SettleCall, untouched: ReadonlySet<number>, time: Times): void {
    for (let i = 0; i < entries.length; i += 1) {
      if (untouched.has(i + 1)) continue;
      const { entry, outcomes } = entries[i] as DecidedEntry;
      for (let n = 0; n < outcomes.length; n += 1) {
        this.recorder.done(entry.deliveries[n] as EntryDelivery, outcomes[n] as Outcome, time, this.rules);
      }
    }
  }

  private keysOf({ sources, targets, written }: SettleCall): string[] {
    const streams = [...sources, ...targets].map((name) => this.keys.stream({ name, partition: this.partition }));
    return [...this.ownKeys(), ...streams, ...written];
  }

  private ownKeys(): string[] {
    return [
      this.keys.parked(this.rules.group, this.partition),
      this.keys.payloads(this.rules.group, this.partition),
      this.keys.stream({ name: deadStream(this.rules.group), partition: this.partition }),
      this.keys.lease(this.rules.group, this.partition),
      this.keys.frames(this.partition),
    ];
  }

  private sourcesOf(entries: readonly Entry[]): { sources: Map<string, number>; keys: string[] } {
    const sources = new Map<string, number>();
    for (const { source } of entries) indexIn(sources, source);
    const keys = [...sources.keys()].map((name) => this.keys.stream({ name, partition: this.partition }));
    return { sources, keys };
  }
}

/** Entries of one call that says something of each. */
const CALL_ENTRIES = 1000;

const inPages = (entries: readonly Entry[]): (readonly Entry[])[] =>
  Array.from({ length: Math.ceil(entries.length / CALL_ENTRIES) }, (_, n) =>
    entries.slice(n * CALL_ENTRIES, (n + 1) * CALL_ENTRIES),
  );

/** Whether it adds to streams or runs commands. */
const fillsRedis = ({ outcomes }: DecidedEntry): boolean =>
  outcomes.some((outcome) => outcome.kind === 'apply' || (outcome.kind === 'forward' && outcome.to.length > 0));

/** Of the commands that come with the entries. */
const commandNames = ({ entries }: SettleCall): string[] => {
  const all = entries.flatMap(({ outcomes }) => outcomes);
  return [...new Set(all.flatMap((outcome) => (outcome.kind === 'apply' ? [String(outcome.command.words[0])] : [])))];
};

/** The entry again, without what Redis refused: what goes to a bad target, or the command after the first `run`. */
const withoutRefused = (
  { targets }: SettleCall,
  { entry, outcomes }: DecidedEntry,
  why: string,
  run: number,
): DecidedEntry => ({
  entry,
  outcomes: run < 0 ? withoutTarget(outcomes, why, targets[-run - 1] as string) : withoutCommand(outcomes, why, run),
});

const withoutTarget = (outcomes: readonly Outcome[], why: string, target: string): Outcome[] => {
  const cause = new PermanentError(`cannot forward: ${why}, not a stream`);
  const isBad = (outcome: Outcome) => outcome.kind === 'forward' && outcome.to.some(({ to }) => to === target);
  return outcomes.map((outcome) => (isBad(outcome) ? { kind: 'reject', cause } : outcome));
};

const withoutCommand = (outcomes: readonly Outcome[], why: string, run: number): Outcome[] => {
  let commands = 0;
  return outcomes.map((outcome) => {
    if (outcome.kind !== 'apply' || commands++ > run) return outcome;
    return commands <= run ? { kind: 'ack' } : refusal(why);
  });
};

// TS.MADD has the same words for a key that is not there and for one of another type.
const MISSING = /does not exist|not a TSDB key/i;

/** No fault of an event: the user may not run the command, or the server does not have it, and waits until that is put right. */
const TAKEN_AWAY = /can't run this command|ACL failure|Unknown Redis command/i;

/** A key that is not there was there when the command was made: whoever makes it again makes the key first. */
const refusal = (why: string): Outcome =>
  MISSING.test(why)
    ? { kind: 'retry', cause: new TransientError(`Redis: ${why}`) }
    : { kind: 'reject', cause: new PermanentError(`Redis refused it: ${why}`) };

const indexIn = (indexes: Map<string, number>, name: string): number => {
  const known = indexes.get(name);
  if (known !== undefined) return known;
  indexes.set(name, indexes.size);
  return indexes.size - 1;
};

const idsBySource = (entries: readonly Entry[], sources: Map<string, number>): (string | number)[] => {
  const ids: string[][] = [...sources].map(() => []);
  for (const entry of entries) (ids[sources.get(entry.source) as number] as string[]).push(entry.id);
  return ids.flatMap((of) => [of.length, ...of.sort(byId)]);
};
