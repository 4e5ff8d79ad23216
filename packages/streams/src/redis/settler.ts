import type { Delivery, Outcome, Settlement } from '../contract.js';
import type { DecidedEntry, Entry, Verdict } from '../entry.js';
import { PermanentError, TransientError } from '../errors.js';
import { deadStream } from '../names.js';
import type { EntrySettler } from '../open-batch.js';
import { type EntrySettlement, type SettlementRules, settlementOf } from '../settlement.js';
import { byId } from './entry-id.js';
import type { Functions } from './functions.js';
import type { Keys } from './keys.js';

const CALL_ENTRIES = 500;
const CALL_BYTES = 1024 * 1024;

/** Streams that belong to one group alone: what was acknowledged in them is deleted. */
const isPrivate = (source: string): boolean => source.startsWith('again:') || source.startsWith('hook:');

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

/** Settles entries by one Function call for up to 500 of them and 1 MiB. */
export class Settler implements EntrySettler {
  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly partition: number,
    private readonly rules: SettlementRules,
    private readonly releasedIdleMs: number,
    private readonly hooks: SettlerHooks,
  ) {}

  async settle(decided: readonly DecidedEntry[]): Promise<Settlement> {
    const now = Date.now();
    const result = { stale: [] as Delivery[], parked: [] as Delivery[], dead: [] as Delivery[] };
    const settlements = decided.map((entry) => settlementOf(entry, this.rules, now));
    // What is acknowledged, parked or buried may always go on: it empties Redis, or hardly fills it.
    if (settlements.some(({ forwards, commands }) => forwards.length + commands.length > 0)) await this.hooks.room();
    for (const call of inCalls(settlements)) {
      const refused = await this.settleCall(call, result);
      // Of a frame one command after the other may be refused.
      for (let left = refused; left.length > 0; ) left = await this.settleCall(left, result);
    }
    return result;
  }

  async release(entries: readonly Entry[]): Promise<void> {
    const { sources, keys } = this.sourcesOf(entries);
    await this.functions.call('release', keys, [
      this.rules.group,
      this.rules.consumer,
      this.releasedIdleMs,
      ...idsBySource(entries, sources),
    ]);
  }

  /** Renews what is in hand; gives the entries that are no longer ours. */
  async renew(entries: readonly Entry[]): Promise<Entry[]> {
    const { sources, keys } = this.sourcesOf(entries);
    const lost = (await this.functions.call('renew', keys, [
      this.rules.group,
      this.rules.consumer,
      ...idsBySource(entries, sources),
    ])) as string[];
    const gone = new Set(lost);
    return entries.filter((entry) => gone.has(entry.id));
  }

  /** One call. Gives those that were refused for a bad target, decided anew as rejected. */
  private async settleCall(
    unordered: EntrySettlement[],
    result: { stale: Delivery[]; parked: Delivery[]; dead: Delivery[] },
  ): Promise<EntrySettlement[]> {
    const call = inIdOrder(unordered);
    const [stale, refused, nextDueMs] = (await this.functions.call('settle', ...this.encode(call))) as [
      number[],
      (number | string)[],
      number,
    ];
    const untouched = new Set(stale);
    const again: EntrySettlement[] = [];
    for (let i = 0; i < refused.length; i += 3) {
      const [index, why, run] = refused.slice(i, i + 3) as [number, string, number];
      untouched.add(index);
      again.push(this.withoutRefused(call[index] as EntrySettlement, why, run));
    }
    if (stale.length > 0) this.hooks.onStale?.();
    for (const index of stale) {
      result.stale.push(...(call[index] as EntrySettlement).entry.deliveries);
    }
    call.forEach((entry, index) => {
      if (untouched.has(index)) return;
      for (const { delivery } of entry.parks) result.parked.push(delivery);
      for (const { delivery } of entry.burials) result.dead.push(delivery);
    });
    if (nextDueMs >= 0) this.hooks.onParked(nextDueMs);
    return again;
  }

  /** The entry again, without what Redis refused: all that it forwards, or the command after the first `run`. */
  private withoutRefused({ entry, verdicts }: EntrySettlement, why: string, run: number): EntrySettlement {
    const decided = run < 0 ? withoutForwards(verdicts, why) : withoutCommand(verdicts, why, run);
    return settlementOf({ entry, verdicts: decided }, this.rules, Date.now());
  }

  private encode(entries: readonly EntrySettlement[]): [string[], (string | number)[]] {
    const { sources, keys: sourceKeys } = this.sourcesOf(entries.map(({ entry }) => entry));
    const targets = new Map<string, number>();
    const args: (string | number)[] = [
      this.rules.group,
      this.rules.consumer,
      this.hooks.token?.() ?? '',
      sourceKeys.length,
    ];
    for (const source of sources.keys()) args.push(isPrivate(source) ? 1 : 0);
    for (const { entry, forwards, commands, parks, burials } of entries) {
      const fence = parks.length + burials.length === 0 ? 'group' : 'owner';
      args.push((sources.get(entry.source) as number) + 1, entry.id, fence, forwards.length);
      for (const { to, event, from } of forwards) {
        args.push(indexIn(targets, to) + 1, event.type, event.json, from?.stream ?? '', from?.position ?? '');
      }
      args.push(commands.length);
      for (const command of commands) args.push(command.length, ...command);
      args.push(parks.length);
      for (const { delivery, delayMs, fields } of parks) {
        const name = `${entry.source}/${entry.id}/${entry.deliveries.indexOf(delivery)}`;
        args.push(delayMs, name, JSON.stringify(fields));
      }
      args.push(burials.length);
      for (const { fields } of burials) args.push(fields.length, ...fields);
    }
    const keys = [...this.ownKeys(), ...sourceKeys];
    for (const name of targets.keys()) keys.push(this.keys.stream({ name, partition: this.partition }));
    keys.push(...new Set(entries.flatMap(({ commands }) => commands.map(([, key]) => key))));
    return [keys, args];
  }

  private ownKeys(): string[] {
    return [
      this.keys.parked(this.rules.group, this.partition),
      this.keys.payloads(this.rules.group, this.partition),
      this.keys.stream({ name: deadStream(this.rules.group), partition: this.partition }),
      this.keys.lease(this.rules.group, this.partition),
    ];
  }

  private sourcesOf(entries: readonly Entry[]): { sources: Map<string, number>; keys: string[] } {
    const sources = new Map<string, number>();
    for (const { source } of entries) indexIn(sources, source);
    const keys = [...sources.keys()].map((name) => this.keys.stream({ name, partition: this.partition }));
    return { sources, keys };
  }
}

const withoutForwards = (verdicts: readonly Verdict[], why: string): Verdict[] => {
  const cause = new PermanentError(`cannot forward: ${why}, not a stream`);
  return verdicts.map((verdict) =>
    verdict.outcome.kind === 'forward' ? { ...verdict, outcome: { kind: 'reject', cause } } : verdict,
  );
};

const withoutCommand = (verdicts: readonly Verdict[], why: string, run: number): Verdict[] => {
  let commands = 0;
  return verdicts.map((verdict): Verdict => {
    if (verdict.outcome.kind !== 'apply' || commands++ > run) return verdict;
    return { ...verdict, outcome: commands <= run ? { kind: 'ack' } : refusal(why) };
  });
};

// TS.MADD has the same words for a key that is not there and for one of another type.
const MISSING = /does not exist|not a TSDB key/i;

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

/** The Function asks Redis for the range from a source's first id to its last. Sorts in place where it has to. */
const inIdOrder = (call: EntrySettlement[]): EntrySettlement[] => {
  const last = new Map<string, string>();
  for (const { entry } of call) {
    const before = last.get(entry.source);
    if (before !== undefined && byId(before, entry.id) > 0) return call.sort((a, b) => byId(a.entry.id, b.entry.id));
    last.set(entry.source, entry.id);
  }
  return call;
};

const sizeOf = ({ forwards, parks, burials }: EntrySettlement): number => {
  let bytes = 0;
  for (const { event } of forwards) bytes += event.json.length;
  for (const { delivery } of parks) bytes += delivery.event.json.length;
  for (const { delivery } of burials) bytes += delivery.event.json.length;
  return bytes;
};

const inCalls = (settlements: EntrySettlement[]): EntrySettlement[][] => {
  const calls: EntrySettlement[][] = [];
  let bytes = 0;
  for (const settlement of settlements) {
    const size = sizeOf(settlement);
    const last = calls.at(-1);
    if (last === undefined || last.length === CALL_ENTRIES || bytes + size > CALL_BYTES) {
      calls.push([settlement]);
      bytes = size;
    } else {
      last.push(settlement);
      bytes += size;
    }
  }
  return calls;
};
