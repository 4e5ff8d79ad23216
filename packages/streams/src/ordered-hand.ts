import type { Entry } from './entry.js';

/** An entry in the hand of an ordered consumer. */
export interface HeldEntry {
  readonly entry: Entry;
  /** How often it is handed out, the next time included; what a transport remembers of it says one less. */
  readonly count: number;
  /** The transport has to be told of the count before the entry is handed out. */
  readonly isMarked: boolean;
  /** It may be what killed its consumers: it is handed out with no other. */
  readonly isSuspect: boolean;
}

interface Waiting extends HeldEntry {
  /** Unix milliseconds before which it is not tried again. */
  readonly notBefore: number;
}

/**
 * What an ordered consumer has in hand, a line for each key: only the first of a line may be handed out, and only one of
 * a line at a time. Pure: knows no clock but the one handed in.
 */
export class OrderedHand {
  private readonly lines = new Map<string, Waiting[]>();
  private readonly keys = new Map<Entry, string>();

  /** `keyOf` names the line of an entry. */
  constructor(private readonly keyOf: (entry: Entry) => string) {}

  get size(): number {
    return this.keys.size;
  }

  /** Entries that came in, in order. */
  add(entries: readonly HeldEntry[]): void {
    for (const held of entries) {
      const key = this.keyOf(held.entry);
      const line = this.lines.get(key);
      if (line === undefined) this.lines.set(key, [{ ...held, notBefore: 0 }]);
      else line.push({ ...held, notBefore: 0 });
      this.keys.set(held.entry, key);
    }
  }

  /** At most `limit` entries that may be handed out now: firsts of their lines, or a suspect alone. */
  ready(limit: number, now: number): HeldEntry[] {
    const ready: HeldEntry[] = [];
    for (const [first] of this.lines.values()) {
      if (first === undefined || first.notBefore > now) continue;
      if (!first.isSuspect) ready.push(first);
      else if (ready.length === 0) return [first];
      if (ready.length === limit) break;
    }
    return ready;
  }

  /** All of one line that may be handed out together: up to `limit`, or to the next suspect. */
  run(limit: number, now: number): HeldEntry[] {
    const [line = []] = this.lines.values();
    if (line[0] === undefined || line[0].notBefore > now) return [];
    if (line[0].isSuspect) return [line[0]];
    const end = line.findIndex(({ isSuspect }) => isSuspect);
    return line.slice(0, end < 0 ? limit : Math.min(end, limit));
  }

  /** How long until something may be handed out: 0 now, infinity where there is nothing. */
  readyInMs(now: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const [first] of this.lines.values()) {
      if (first === undefined) continue;
      if (first.notBefore <= now) return 0;
      least = Math.min(least, first.notBefore - now);
    }
    return least;
  }

  /** The entry is settled: the next of its line may go. */
  done(entry: Entry): void {
    const key = this.keys.get(entry);
    if (key === undefined) return;
    this.keys.delete(entry);
    const line = this.lines.get(key) as Waiting[];
    line.splice(
      line.findIndex((held) => held.entry === entry),
      1,
    );
    // Deleted and set again, a line goes behind the others: none waits for a line that never ends.
    this.lines.delete(key);
    if (line.length > 0) this.lines.set(key, line);
  }

  /** The entry failed: `next` stands in its place and is not tried before `notBefore`. */
  retry(entry: Entry, next: Entry, notBefore: number): void {
    const key = this.keys.get(entry);
    if (key === undefined) return;
    this.keys.delete(entry);
    this.keys.set(next, key);
    const line = this.lines.get(key) as Waiting[];
    const place = line.findIndex((held) => held.entry === entry);
    const { count } = line[place] as Waiting;
    line[place] = { entry: next, count: count + 1, isMarked: false, isSuspect: false, notBefore };
  }

  /** It was told to the transport that these are handed out. */
  marked(entries: readonly HeldEntry[]): void {
    const told = new Set(entries.map(({ entry }) => entry));
    for (const line of this.lines.values()) {
      line.forEach((held, i) => {
        if (told.has(held.entry)) line[i] = { ...held, isMarked: true };
      });
    }
  }

  /** Everything in hand. */
  all(): HeldEntry[] {
    return [...this.lines.values()].flat();
  }

  clear(): void {
    this.lines.clear();
    this.keys.clear();
  }
}
