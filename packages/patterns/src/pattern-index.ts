import { EventFields } from './event-fields.js';
import type { Leaf } from './leaf.js';
import { matchesAll } from './match.js';
import type { Pattern } from './parse-pattern.js';

/** A pattern and what to give where it matches. */
export interface Rule<T> {
  readonly pattern: Pattern;
  readonly value: T;
}

/** One alternative of a rule, with its leaf on `type` apart. */
interface Entry {
  readonly rule: number;
  readonly onType: Leaf | undefined;
  /** The other leaves; none if `type` alone decides. */
  readonly others: readonly Leaf[];
}

/** What may match an event of a type. */
interface Candidates<T> {
  /** Those whose leaf on `type` accepts it, in the order of the rules. */
  readonly entries: readonly Entry[];
  /** The values, where the type alone decides. */
  readonly always: readonly T[] | undefined;
}

/** Types and candidates that are remembered. */
const MOST_REMEMBERED = 100_000;

const byRule = (a: Entry, b: Entry): number => a.rule - b.rule;

/** Many patterns in one. Those that name the types they take are looked up; `type` alone is decided without a parse. */
export class PatternIndex<T> {
  private readonly byType = new Map<string, Entry[]>();
  private readonly anyType: Entry[] = [];
  private readonly ofType = new Map<string, Candidates<T>>();
  private remembered = 0;
  private readonly usesNumbers: boolean;

  constructor(private readonly rules: readonly Rule<T>[]) {
    this.usesNumbers = rules.some(({ pattern }) => pattern.usesNumbers);
    rules.forEach(({ pattern }, rule) => {
      for (const leaves of pattern.alternatives) this.add(rule, leaves);
    });
  }

  /**
   * Values of the rules that match, in the order of the rules. `event.type` has to be that of `event.json`, which is
   * parsed only where a rule that is still in the running looks into it; then throws as `matches` does.
   */
  match(event: { readonly type: string; readonly json: string }): readonly T[] {
    const { always, entries } = this.candidates(event.type);
    if (always !== undefined) return always;
    const fields = new EventFields(event.json, this.usesNumbers);
    const matching: T[] = [];
    let last = -1;
    for (const { rule, others } of entries) {
      if (rule === last) continue;
      if (others.length > 0 && !matchesAll(others, fields)) continue;
      last = rule;
      matching.push((this.rules[rule] as Rule<T>).value);
    }
    return matching;
  }

  private add(rule: number, leaves: readonly Leaf[]): void {
    const onType = leaves.find(({ path }) => path === 'type');
    const others = leaves.filter((leaf) => leaf !== onType);
    if (onType === undefined || !onType.isLiteral) {
      this.anyType.push({ rule, onType, others });
      return;
    }
    for (const type of onType.values) {
      const entries = this.byType.get(type as string) ?? [];
      entries.push({ rule, onType: undefined, others });
      this.byType.set(type as string, entries);
    }
  }

  private candidates(type: string): Candidates<T> {
    const known = this.ofType.get(type);
    if (known !== undefined) return known;
    const found = this.findCandidates(type);
    // Types are the senders' to choose, and there is no end to them.
    this.remembered += 1 + found.entries.length;
    if (this.remembered > MOST_REMEMBERED) {
      this.ofType.clear();
      this.remembered = 1 + found.entries.length;
    }
    this.ofType.set(type, found);
    return found;
  }

  private findCandidates(type: string): Candidates<T> {
    const entries = [...(this.byType.get(type) ?? []), ...this.anyType]
      .filter(({ onType }) => onType === undefined || onType.accepts(type))
      .sort(byRule);
    if (entries.some(({ others }) => others.length > 0)) return { entries, always: undefined };
    const rules = new Set(entries.map(({ rule }) => rule));
    return { entries, always: Array.from(rules, (rule) => (this.rules[rule] as Rule<T>).value) };
  }
}
