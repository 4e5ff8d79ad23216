import { bytesOf, type Entry } from '../entry.js';
import type { HeldEntry, OrderedQueue } from './ordered-queue.js';

/** One line of everything: what came first goes first, and several may go together. */
export class StreamQueue implements OrderedQueue {
  private line: HeldEntry[] = [];
  bytes = 0;

  get size(): number {
    return this.line.length;
  }

  add(entries: readonly HeldEntry[]): void {
    this.bytes += bytesOfAll(entries);
    this.line = this.line.length === 0 ? [...entries] : [...this.line, ...entries];
  }

  ready(limit: number): HeldEntry[] {
    if (this.line[0]?.isSuspect) return this.line.slice(0, 1);
    const end = this.line.findIndex(({ isSuspect }) => isSuspect);
    return this.line.slice(0, Math.min(end < 0 ? this.line.length : end, this.entriesOf(limit)));
  }

  /** How many entries have at most so many events; at least one. */
  private entriesOf(limit: number): number {
    let entries = 0;
    let events = 0;
    for (const { entry } of this.line) {
      events += entry.deliveries.length;
      if (entries > 0 && events > limit) break;
      entries += 1;
      if (events >= limit) break;
    }
    return entries;
  }

  readyInMs(): number {
    return this.line.length > 0 ? 0 : Number.POSITIVE_INFINITY;
  }

  marked(entries: readonly HeldEntry[]): void {
    const told = new Set(entries);
    this.line = this.line.map((held) => (told.has(held) ? { ...held, isMarked: true } : held));
  }

  finish(handed: readonly HeldEntry[], left: ReadonlySet<Entry>): void {
    // What is left unsettled stays where it was, first in line.
    const kept = left.size === 0 ? [] : this.line.slice(0, handed.length).filter(({ entry }) => left.has(entry));
    this.bytes -= bytesOfAll(this.line.slice(0, handed.length)) - bytesOfAll(kept);
    this.line = [...kept, ...this.line.slice(handed.length)];
  }

  all(): HeldEntry[] {
    return [...this.line];
  }

  clear(): void {
    this.line = [];
    this.bytes = 0;
  }
}

const bytesOfAll = (entries: readonly HeldEntry[]): number =>
  entries.reduce((sum, { entry }) => sum + bytesOf(entry), 0);
