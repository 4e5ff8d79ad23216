import { bytesOf, type Entry } from '../entry.js';
import type { HeldEntry, OrderedQueue } from './ordered-queue.js';

interface Waiting extends HeldEntry {
  /** When it may be tried again, by the clock that is handed in. */
  readonly notBefore: number;
}

/** A line for each key: only the first of a line may be handed out, and only one of a line at a time. */
export class KeyQueue implements OrderedQueue {
  private readonly lines = new Map<string, Waiting[]>();
  private readonly keys = new Map<Entry, string>();
  bytes = 0;

  /** `keyOf` names the line of an entry. */
  constructor(private readonly keyOf: (entry: Entry) => string) {}

  get size(): number {
    return this.keys.size;
  }

  add(entries: readonly HeldEntry[]): void {
    for (const held of entries) {
      const key = this.keyOf(held.entry);
      const line = this.lines.get(key);
      if (line === undefined) this.lines.set(key, [{ ...held, notBefore: 0 }]);
      else line.push({ ...held, notBefore: 0 });
      this.keys.set(held.entry, key);
      this.bytes += bytesOf(held.entry);
    }
  }

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

  readyInMs(now: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const [first] of this.lines.values()) {
      if (first === undefined) continue;
      if (first.notBefore <= now) return 0;
      least = Math.min(least, first.notBefore - now);
    }
    return least;
  }

  finish(handed: readonly HeldEntry[], left: ReadonlySet<Entry>): void {
    for (const { entry } of handed) if (!left.has(entry)) this.done(entry);
  }

  /** The entry is settled: the next of its line may go. */
  private done(entry: Entry): void {
    const key = this.keys.get(entry);
    if (key === undefined) return;
    this.keys.delete(entry);
    this.bytes -= bytesOf(entry);
    const line = this.lines.get(key) as Waiting[];
    line.splice(
      line.findIndex((held) => held.entry === entry),
      1,
    );
    // Deleted and set again, a line goes behind the others: none waits for a line that never ends.
    this.lines.delete(key);
    if (line.length > 0) this.lines.set(key, line);
  }

  /**
   * The entry failed: `next` stands in its place and is not tried before `notBefore`. Where it is not counted, the hand-out
   * that failed was none, and the store gets the next one as if it were this one.
   */
  retry(entry: Entry, next: Entry, notBefore: number, isCounted = true): void {
    const key = this.keys.get(entry);
    if (key === undefined) return;
    this.keys.delete(entry);
    this.keys.set(next, key);
    this.bytes += bytesOf(next) - bytesOf(entry);
    const line = this.lines.get(key) as Waiting[];
    const place = line.findIndex((held) => held.entry === entry);
    const held = line[place] as Waiting;
    line[place] = isCounted
      ? { entry: next, count: held.count + 1, isMarked: false, isSuspect: false, notBefore }
      : { ...held, entry: next, isMarked: false, notBefore };
  }

  /** It goes on as another entry, which takes its place. */
  replace(entry: Entry, by: Pick<HeldEntry, 'entry' | 'count' | 'isMarked'>): void {
    const key = this.keys.get(entry);
    if (key === undefined) return;
    this.keys.delete(entry);
    this.keys.set(by.entry, key);
    const line = this.lines.get(key) as Waiting[];
    const place = line.findIndex((held) => held.entry === entry);
    line[place] = { ...(line[place] as Waiting), ...by };
  }

  /** What is in flight of these, with how often it was handed out. */
  heldOf(entries: ReadonlySet<Entry>): HeldEntry[] {
    return this.all().filter(({ entry }) => entries.has(entry));
  }

  marked(entries: readonly HeldEntry[]): void {
    const told = new Set(entries.map(({ entry }) => entry));
    for (const line of this.lines.values()) {
      line.forEach((held, i) => {
        if (told.has(held.entry)) line[i] = { ...held, isMarked: true };
      });
    }
  }

  all(): HeldEntry[] {
    return [...this.lines.values()].flat();
  }

  clear(): void {
    this.lines.clear();
    this.keys.clear();
    this.bytes = 0;
  }
}
