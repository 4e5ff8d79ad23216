import type { Leaf } from '../language/leaf.js';
import type { Pattern } from '../language/parse-pattern.js';
import { EventFields } from './event-fields.js';
import { type Entry, GuardedEntries } from './guarded-entries.js';
import { matchesAll, matchesAllInParts } from './match.js';
import type { Parts } from './parts.js';
import { Steps } from './steps.js';

/** A pattern and what to give where it matches. */
export interface Rule<T> {
  readonly pattern: Pattern;
  readonly value: T;
}

/** An entry whose leaf on `type` takes more than written-out types. */
interface TypeTested extends Entry {
  readonly onType: Leaf;
}

/** What may match events of a type. */
interface Candidates<T> {
  readonly sets: readonly GuardedEntries[];
  /** The values, where the type alone decides. */
  readonly always: readonly T[] | undefined;
}

/** Types and candidates of their own that are remembered. */
const MOST_REMEMBERED = 100_000;

const byRule = (a: Entry, b: Entry): number => a.rule - b.rule;

/**
 * Many patterns in one. Types, and values and prefixes of one other field of each pattern, are looked up, so that the cost
 * follows the event and not the number of patterns; `type` alone is decided without a parse.
 */
export class PatternIndex<T> {
  private readonly byType: ReadonlyMap<string, GuardedEntries>;
  private readonly ofAnyType: GuardedEntries;
  private readonly typeTested: readonly TypeTested[];
  private readonly ofType = new Map<string, Candidates<T>>();
  private remembered = 0;
  private readonly usesNumbers: boolean;
  /** Fields of all patterns. */
  private readonly size: number;

  constructor(private readonly rules: readonly Rule<T>[]) {
    this.usesNumbers = rules.some(({ pattern }) => pattern.usesNumbers);
    this.size = rules.reduce((sum, { pattern }) => sum + pattern.size, 0);
    const byType = new Map<string, Entry[]>();
    const ofAnyType: Entry[] = [];
    const typeTested: TypeTested[] = [];
    rules.forEach(({ pattern }, rule) => {
      for (const leaves of pattern.alternatives) {
        const onType = leaves.find(({ path }) => path === 'type');
        const others = leaves.filter((leaf) => leaf !== onType);
        if (onType === undefined) ofAnyType.push({ rule, others });
        else if (!onType.isLiteral) typeTested.push({ rule, others, onType });
        else for (const type of onType.values) addTo(byType, type as string, { rule, others });
      }
    });
    this.byType = new Map(Array.from(byType, ([type, entries]) => [type, new GuardedEntries(entries)]));
    this.ofAnyType = new GuardedEntries(ofAnyType);
    this.typeTested = typeTested;
  }

  /**
   * Values of the rules that match, in the order of the rules. `event.type` has to be that of `event.json`, which is
   * parsed only where a rule that is still in the running looks into it; then throws as `matches` does. All rules together
   * take of the steps given, else of those of the event and their patterns.
   */
  match(event: { readonly type: string; readonly json: string }, steps = this.stepsFor(event)): readonly T[] {
    const { sets, always } = this.candidates(event.type);
    if (always !== undefined) return always;
    const fields = new EventFields(event.json, this.usesNumbers, steps);
    const matching: T[] = [];
    let last = -1;
    for (const { rule, others } of entriesFor(sets, fields)) {
      if (rule === last) continue;
      if (others.length > 0 && !matchesAll(others, fields)) continue;
      last = rule;
      matching.push((this.rules[rule] as Rule<T>).value);
    }
    return matching;
  }

  /** The same in parts, for an event that is large. */
  *matchInParts(
    event: { readonly type: string; readonly json: string },
    steps = this.stepsFor(event),
  ): Parts<readonly T[]> {
    const { sets, always } = this.candidates(event.type);
    if (always !== undefined) return always;
    const fields = new EventFields(event.json, this.usesNumbers, steps);
    for (const set of sets) yield* set.read(fields);
    const matching: T[] = [];
    let last = -1;
    for (const { rule, others } of entriesFor(sets, fields)) {
      if (rule === last) continue;
      if (others.length > 0 && !(yield* matchesAllInParts(others, fields))) continue;
      last = rule;
      matching.push((this.rules[rule] as Rule<T>).value);
    }
    return matching;
  }

  /** The steps that matching an event may take. */
  stepsFor({ json }: { readonly json: string }): Steps {
    return Steps.for(json, this.size);
  }

  private candidates(type: string): Candidates<T> {
    const known = this.ofType.get(type);
    if (known !== undefined) return known;
    const tested = this.typeTested.filter(({ onType }) => onType.accepts(type));
    // Types are the senders' to choose, and there is no end to them.
    const weight = 1 + tested.length + (type.length >> 6);
    this.remembered += weight;
    if (this.remembered > MOST_REMEMBERED) {
      this.ofType.clear();
      this.remembered = weight;
    }
    const found = this.findCandidates(type, tested);
    this.ofType.set(type, found);
    return found;
  }

  private findCandidates(type: string, tested: readonly TypeTested[]): Candidates<T> {
    const all = [this.byType.get(type), this.ofAnyType, new GuardedEntries(tested)];
    const sets = all.filter((set) => set !== undefined).filter(({ entries }) => entries.length > 0);
    if (!sets.every(({ isUnconditional }) => isUnconditional)) return { sets, always: undefined };
    const rules = new Set(sets.flatMap(({ entries }) => entries.map(({ rule }) => rule)).sort((a, b) => a - b));
    return { sets, always: Array.from(rules, (rule) => (this.rules[rule] as Rule<T>).value) };
  }
}

const entriesFor = (sets: readonly GuardedEntries[], fields: EventFields): readonly Entry[] => {
  const entries: Entry[] = [];
  for (const set of sets) set.collect(fields, entries);
  if (entries.length > 1) entries.sort(byRule);
  fields.steps.take(entries.length);
  return entries;
};

const addTo = (lists: Map<string, Entry[]>, key: string, entry: Entry): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [entry]);
  else list.push(entry);
};
