import { type Entry, eventsIn } from '../entry.js';

/** What a read brings at most, as far as the last one tells. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Entries of the first read, when nothing is known of them: they may be frames. */
const FIRST_READ = 100;

/**
 * Redis counts entries where a batch counts events, and knows no bound in bytes: this tells how many entries to ask for,
 * from what the last read brought. Where a stream changes from small to large entries, one read may bring too much.
 */
export class ReadSize {
  private eventsOfEntry: number | undefined;
  private bytesOfEntry = 0;

  /** These came. */
  read(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    let bytes = 0;
    for (const { deliveries } of entries) for (const { event } of deliveries) bytes += event.json.length;
    this.eventsOfEntry = eventsIn(entries) / entries.length;
    this.bytesOfEntry = bytes / entries.length;
  }

  /** How many entries hold about `limit` events; at least one. */
  entriesFor(limit: number): number {
    if (this.eventsOfEntry === undefined) return Math.min(limit, FIRST_READ);
    const byEvents = limit / this.eventsOfEntry;
    const byBytes = MOST_BYTES / Math.max(1, this.bytesOfEntry);
    return Math.max(1, Math.floor(Math.min(byEvents, byBytes)));
  }
}
