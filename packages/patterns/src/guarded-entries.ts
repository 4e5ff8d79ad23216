import type { EventFields } from './event-fields.js';
import type { Leaf } from './leaf.js';
import type { Scalar } from './operators.js';

/** One alternative of a rule, without its leaf on `type`. */
export interface Entry {
  readonly rule: number;
  /** The other leaves; none if `type` alone decides. */
  readonly others: readonly Leaf[];
}

/** What values at one path let through. */
interface Guard {
  readonly path: string;
  readonly steps: readonly string[];
  readonly byValue: Map<Scalar, Entry[]>;
  /** By length of the prefix, then by the prefix. */
  readonly byPrefix: Map<number, Map<string, Entry[]>>;
}

/**
 * Entries behind guards: of each entry, one leaf that accepts written-out values or prefixes is looked up in the event, so
 * that an event meets only those entries of which it has such a value. Entries without such a leaf are met by every event.
 */
export class GuardedEntries {
  private readonly guards: Guard[] = [];
  private readonly unguarded: Entry[] = [];

  constructor(readonly entries: readonly Entry[]) {
    for (const entry of entries) this.add(entry);
  }

  /** Whether the type alone decides on all of them. */
  get isUnconditional(): boolean {
    return this.entries.every(({ others }) => others.length === 0);
  }

  /** Adds those that may match to `into`; one may be there more than once. Throws as `EventFields.at` does. */
  collect(fields: EventFields, into: Entry[]): void {
    for (const entry of this.unguarded) into.push(entry);
    for (const { path, steps, byValue, byPrefix } of this.guards) {
      for (const { value } of fields.at(path, steps)) {
        addAll(byValue.get(value), into);
        if (typeof value !== 'string') continue;
        for (const [length, entries] of byPrefix) {
          if (length <= value.length) addAll(entries.get(value.slice(0, length)), into);
        }
      }
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

  private guardOf({ path, steps }: Leaf): Guard {
    const known = this.guards.find((one) => one.path === path);
    if (known !== undefined) return known;
    const guard: Guard = { path, steps, byValue: new Map(), byPrefix: new Map() };
    this.guards.push(guard);
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

const addAll = (entries: readonly Entry[] | undefined, into: Entry[]): void => {
  if (entries !== undefined) for (const entry of entries) into.push(entry);
};
