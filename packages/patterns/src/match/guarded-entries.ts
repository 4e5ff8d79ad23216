import type { Leaf } from '../language/leaf.js';
import type { Scalar } from '../language/operators.js';
import type { EventFields } from './event-fields.js';
import type { Parts } from './parts.js';
import type { Steps } from './steps.js';

/** One alternative of a rule, without its leaf on `type`. */
export interface Entry {
  readonly rule: number;
  /** The other leaves; none if `type` alone decides. */
  readonly others: readonly Leaf[];
}

/** What values at one path let through. */
interface Guard {
  /** One of those at the path. */
  readonly leaf: Leaf;
  readonly byValue: Map<Scalar, Entry[]>;
  /** By length of the prefix, then by the prefix. */
  readonly byPrefix: Map<number, Map<string, Entry[]>>;
}

/**
 * Entries behind guards: of each entry, one leaf that accepts written-out values or prefixes is looked up in the event, so
 * that an event meets only those entries of which it has such a value. Entries without such a leaf are met by every event.
 */
export class GuardedEntries {
  private readonly guards = new Map<string, Guard>();
  private readonly unguarded: Entry[] = [];

  constructor(readonly entries: readonly Entry[]) {
    for (const entry of entries) this.add(entry);
  }

  /** Whether the type alone decides on all of them. */
  get isUnconditional(): boolean {
    return this.entries.every(({ others }) => others.length === 0);
  }

  /** Reads of the event what `collect` looks up, a field at a time. */
  *read(fields: EventFields): Parts<void> {
    for (const { leaf } of this.guards.values()) {
      fields.at(leaf);
      yield;
    }
  }

  /** Adds those that may match to `into`, each once. Throws as `EventFields.at` does. */
  collect(fields: EventFields, into: Entry[]): void {
    for (const entry of this.unguarded) into.push(entry);
    for (const guard of this.guards.values()) {
      const { found } = fields.at(guard.leaf);
      if (found.length === 0) continue;
      const lists: (readonly Entry[])[] = [];
      for (const { value } of found) look(guard, value, fields.steps, lists);
      addEach(lists, into);
    }
  }

  private add(entry: Entry): void {
    const leaf = entry.others.find(({ lookup }) => lookup !== undefined);
    if (leaf?.lookup === undefined) {
      this.unguarded.push(entry);
      return;
    }
    const { byValue, byPrefix } = this.guardOf(leaf);
    for (const value of leaf.lookup.values) listOf(byValue, value).push(entry);
    for (const prefix of leaf.lookup.prefixes) {
      const ofLength = byPrefix.get(prefix.length) ?? new Map<string, Entry[]>();
      byPrefix.set(prefix.length, ofLength);
      listOf(ofLength, prefix).push(entry);
    }
  }

  private guardOf(leaf: Leaf): Guard {
    const known = this.guards.get(leaf.path);
    if (known !== undefined) return known;
    const guard: Guard = { leaf, byValue: new Map(), byPrefix: new Map() };
    this.guards.set(leaf.path, guard);
    return guard;
  }
}

const listOf = <K>(lists: Map<K, Entry[]>, key: K): Entry[] => {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: Entry[] = [];
  lists.set(key, list);
  return list;
};

/** Adds the lists that a value opens. */
const look = ({ byValue, byPrefix }: Guard, value: Scalar, steps: Steps, lists: (readonly Entry[])[]): void => {
  const entries = byValue.get(value);
  if (entries !== undefined) lists.push(entries);
  if (typeof value !== 'string') return;
  steps.take(1 + byPrefix.size);
  for (const [length, ofLength] of byPrefix) {
    const beginning = length <= value.length ? ofLength.get(value.slice(0, length)) : undefined;
    if (beginning !== undefined) lists.push(beginning);
  }
};

/** An array may hold what opens a list many times, and an entry be in several lists. */
const addEach = (lists: readonly (readonly Entry[])[], into: Entry[]): void => {
  if (lists.length > 1) {
    const each = new Set<Entry>();
    for (const entries of new Set(lists)) for (const entry of entries) each.add(entry);
    for (const entry of each) into.push(entry);
  } else for (const entries of lists) for (const entry of entries) into.push(entry);
};
