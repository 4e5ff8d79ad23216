import { bytesOf, type Entry, eventsIn } from '../../entry.js';

/** Entries of the first read, when nothing is known of them: they may be frames. */
const FIRST_READ = 100;

/**
 * Redis counts entries where a batch counts events, counts them for each stream, and knows no bound in bytes: this tells how
 * many entries to ask for, so that the whole read has about so many bytes, by the largest that came lately. The next ones
 * may be larger still: what an answer has at most is the business of `AnswerGuard`.
 */
export class ReadSize {
  private eventsOfEntry: number | undefined;
  private bytesOfEntry = 0;
  private streams = 1;

  constructor(
    /** What a whole read should bring at most, in bytes. */
    private readonly mostBytes: () => number,
  ) {}

  /** These came. */
  read(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    let [largest, streams, source] = [0, 0, ''];
    for (const entry of entries) {
      if (entry.source !== source) {
        source = entry.source;
        streams += 1;
      }
      const bytes = bytesOf(entry);
      if (bytes > largest) largest = bytes;
    }
    this.eventsOfEntry = eventsIn(entries) / entries.length;
    this.bytesOfEntry = Math.max(largest, this.bytesOfEntry / 2);
    this.streams = Math.max(streams, this.streams / 2);
  }

  /** More came than there was room for: the next read asks for one entry, and those after it for a few more each. */
  overflow(): void {
    this.eventsOfEntry ??= 1;
    this.bytesOfEntry = Math.max(this.bytesOfEntry, this.mostBytes());
  }

  /** How many entries hold about `limit` events; at least one. */
  entriesFor(limit: number): number {
    if (this.eventsOfEntry === undefined) return Math.min(limit, FIRST_READ);
    const byEvents = limit / this.eventsOfEntry;
    const byBytes = this.mostBytes() / Math.max(1, this.bytesOfEntry * this.streams);
    return Math.max(1, Math.floor(Math.min(byEvents, byBytes)));
  }
}
