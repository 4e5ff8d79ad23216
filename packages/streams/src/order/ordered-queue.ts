import type { Entry } from '../entry.js';

/** An entry that an ordered consumer has in flight. */
export interface HeldEntry {
  readonly entry: Entry;
  /** How often it is handed out, the next time included; what a transport remembers of it says one less. */
  readonly count: number;
  /** The transport has to be given the count before the entry is handed out. */
  readonly isMarked: boolean;
  /** It may be what killed its consumers: it is handed out with no other. */
  readonly isSuspect: boolean;
}

/** What an ordered consumer has in flight, and which of it may be handed out. Pure: knows no clock but the one handed in. */
export interface OrderedQueue {
  readonly size: number;
  /** About how many bytes its entries take. */
  readonly bytes: number;
  /** Entries that came in, in order. */
  add(entries: readonly HeldEntry[]): void;
  /** At most `limit` entries that may be handed out now; a suspect is alone. */
  ready(limit: number, now: number): HeldEntry[];
  /** How long until something may be handed out: 0 now, infinity where there is nothing. */
  readyInMs(now: number): number;
  /** It was told to the transport that these are handed out. */
  marked(entries: readonly HeldEntry[]): void;
  /** These were handed out; those that are not `left` are settled. */
  finish(handed: readonly HeldEntry[], left: ReadonlySet<Entry>): void;
  /** Everything in flight. */
  all(): HeldEntry[];
  clear(): void;
}
