import type { Forward, Outcome, StoreCommand } from '../../contract.js';
import { type DecidedEntry, type EntryDelivery, oneLine } from '../../entry.js';
import {
  type DeadLettering,
  type Park,
  type Placement,
  place,
  type SettlementRules,
} from '../../settlement/settlement.js';
import { byId } from '../connection/entry-id.js';

const CALL_COPIES = 500;
const CALL_BYTES = 1024 * 1024;

/** Streams that belong to one group alone: what was acknowledged in them is deleted. */
const isPrivate = (source: string): boolean => source.startsWith('again:') || source.startsWith('hook:');

/** A delivery that failed, with the number of its entry. */
export interface Failed {
  readonly entry: number;
  readonly delivery: EntryDelivery;
  /** Where it was parked: its name there, and for how long. */
  readonly parked?: { readonly name: string; readonly delayMs: number };
}

/** The arguments of one call of `settle`; the Function's own text says how they are laid out. */
export class SettleCall implements Placement {
  /** As the Function numbers them, from 1. */
  readonly entries: readonly DecidedEntry[];
  readonly parked: Failed[] = [];
  readonly deadLettered: Failed[] = [];
  /** Streams by name: those of the entries, and those that copies go to. */
  readonly sources: readonly string[];
  readonly targets: string[] = [];
  /** Keys that commands write. */
  readonly written = new Set<string>();
  private readonly ids: (string | number)[] = [];
  private readonly steps: (string | number)[] = [];
  private entry = 0;
  /** The last copy, and its entry: its text is sent once, however many streams it goes to. */
  private last:
    | { readonly entry: number; readonly event: Forward['event']; readonly from: Forward['from'] }
    | undefined;

  constructor(
    decided: readonly DecidedEntry[],
    rules: SettlementRules,
    now: number,
    /** Most events of an entry that is written: from 2 on copies go in frames. */
    private readonly frameMaxEvents: number,
  ) {
    const bySource = inIdOrder(decided);
    this.sources = [...bySource.keys()];
    this.entries = [...bySource.values()].flat();
    for (const [source, entries] of bySource) {
      const hasFrames = entries.some(({ outcomes }) => outcomes.length > 1);
      this.ids.push(isPrivate(source) ? 1 : 0, hasFrames ? 1 : 0, entries.length);
      for (const { entry } of entries) this.ids.push(entry.id);
      if (hasFrames) for (const { outcomes } of entries) this.ids.push(outcomes.length);
    }
    const by = { rules, now };
    for (const number of inTurn(this.entries)) {
      this.entry = number;
      const { entry, outcomes } = this.entries[number - 1] as DecidedEntry;
      const isFirst = (n: number) => outcomes.length > 1 && (outcomes[n] as Outcome).kind === 'apply';
      // Of a frame, commands come first: where Redis refuses one, the entry comes again, and nothing may be done twice.
      for (let n = 0; n < outcomes.length; n += 1) {
        if (isFirst(n)) place(entry.deliveries[n] as EntryDelivery, outcomes[n] as Outcome, by, this);
      }
      for (let n = 0; n < outcomes.length; n += 1) {
        if (!isFirst(n)) place(entry.deliveries[n] as EntryDelivery, outcomes[n] as Outcome, by, this);
      }
    }
  }

  /** What the Function takes after the group, the consumer and the token. */
  get args(): (string | number)[] {
    const fails = this.parked.length + this.deadLettered.length > 0 ? 1 : 0;
    return [fails, this.frameMaxEvents, this.sources.length, ...this.ids, ...this.steps];
  }

  forward({ to, event, from }: Forward): void {
    const target = indexIn(this.targets, to) + 1;
    if (this.isLast(event, from)) {
      this.steps.push('same', this.entry, target);
      return;
    }
    this.last = { entry: this.entry, event, from };
    const json = this.frameMaxEvents > 1 ? oneLine(event.json) : event.json;
    if (from === undefined) this.steps.push('copy', this.entry, target, event.type, json);
    else this.steps.push('origin', this.entry, target, event.type, event.json, from.stream, from.position);
  }

  private isLast(event: Forward['event'], from: Forward['from']): boolean {
    const { last } = this;
    if (last?.entry !== this.entry || last.event.type !== event.type || last.event.json !== event.json) return false;
    return last.from?.stream === from?.stream && last.from?.position === from?.position;
  }

  apply(command: StoreCommand): void {
    for (const key of command.keys) this.written.add(key);
    this.steps.push('command', this.entry, command.words.length, ...command.words);
  }

  park({ delivery, delayMs, fields }: Park): void {
    const { entry } = this.entries[this.entry - 1] as DecidedEntry;
    const name = `${entry.source}/${entry.id}/${entry.deliveries.indexOf(delivery)}`;
    this.steps.push('park', this.entry, delayMs, name, JSON.stringify(fields));
    this.parked.push({ entry: this.entry, delivery, parked: { name, delayMs } });
  }

  deadLetter({ delivery, fields }: DeadLettering): void {
    this.steps.push('dead_letter', this.entry, fields.length, ...fields);
    this.deadLettered.push({ entry: this.entry, delivery });
  }
}

const indexIn = (names: string[], name: string): number => {
  const known = names.indexOf(name);
  return known >= 0 ? known : names.push(name) - 1;
};

/** By source, and by id in each: the Function asks Redis for the range from the first id to the last. */
const inIdOrder = (decided: readonly DecidedEntry[]): Map<string, DecidedEntry[]> => {
  const bySource = new Map<string, DecidedEntry[]>();
  const unsorted = new Set<DecidedEntry[]>();
  let entries: DecidedEntry[] = [];
  let source: string | undefined;
  for (const one of decided) {
    if (one.entry.source !== source) {
      source = one.entry.source;
      entries = bySource.get(source) ?? [];
      bySource.set(source, entries);
    }
    const last = entries.at(-1);
    if (last !== undefined && byId(last.entry.id, one.entry.id) > 0) unsorted.add(entries);
    entries.push(one);
  }
  for (const one of unsorted) one.sort((a, b) => byId(a.entry.id, b.entry.id));
  return bySource;
};

/** Numbers of entries, from 1, in the order in which they are done: by the turn of their commands. */
const inTurn = (entries: readonly DecidedEntry[]): number[] => {
  const numbers = entries.map((_, i) => i + 1);
  if (!entries.some(({ outcomes }) => outcomes.some(({ kind }) => kind === 'apply'))) return numbers;
  const turns = entries.map(({ outcomes }) => Math.min(...outcomes.map(turnOf)));
  return numbers.sort((a, b) => (turns[a - 1] as number) - (turns[b - 1] as number));
};

const turnOf = (outcome: Outcome): number => (outcome.kind === 'apply' ? (outcome.command.turn ?? 0) : 0);

const writesOf = (outcome: Outcome): number => {
  if (outcome.kind === 'apply') return outcome.command.keys.length;
  return outcome.kind === 'forward' ? Math.max(1, outcome.to.length) : 1;
};

const sizeOf = ({ entry, outcomes }: DecidedEntry): { copies: number; bytes: number } => {
  let [copies, bytes] = [0, 0];
  for (let n = 0; n < outcomes.length; n += 1) {
    const outcome = outcomes[n] as Outcome;
    copies += writesOf(outcome);
    if (outcome.kind === 'forward') for (const { event } of outcome.to) bytes += event.json.length;
    else if (outcome.kind !== 'ack') bytes += (entry.deliveries[n] as EntryDelivery).event.json.length;
  }
  return { copies, bytes };
};

/** As many as a call may have: 500 copies, or events without one, and 1 MiB; but for a frame that has more. */
export const inCalls = (decided: readonly DecidedEntry[]): DecidedEntry[][] => {
  const calls: DecidedEntry[][] = [];
  let last: DecidedEntry[] = [];
  let [copies, bytes] = [0, 0];
  for (const one of decided) {
    const size = sizeOf(one);
    copies += size.copies;
    bytes += size.bytes;
    if (calls.length === 0 || copies > CALL_COPIES || bytes > CALL_BYTES) {
      last = [];
      calls.push(last);
      ({ copies, bytes } = size);
    }
    last.push(one);
  }
  return calls;
};
