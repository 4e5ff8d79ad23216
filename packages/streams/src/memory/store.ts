import type { ForcedLoss, Retention, StreamName } from '../contract.js';
import { monotonicMs } from '../time/interval.js';

/** What a group remembers of an entry that it handed out. */
export interface Pending {
  consumer: string;
  deliveredAt: number;
  count: number;
}

interface Group {
  /** Entries up to this sequence number were handed out. */
  last: number;
  readonly pending: Map<string, Pending>;
}

/** An entry: its number in the stream and its fields, as Redis would hold them. */
export interface StoredEntry {
  readonly id: string;
  readonly sequence: number;
  readonly fields: readonly string[];
}

export class StoredStream {
  readonly entries: StoredEntry[] = [];
  private readonly groups = new Map<string, Group>();
  private sequence = 0;

  add(fields: readonly string[]): string {
    this.sequence += 1;
    const id = `${Date.now()}-${this.sequence}`;
    this.entries.push({ id, sequence: this.sequence, fields });
    return id;
  }

  remove(id: string): void {
    const index = this.entries.findIndex((entry) => entry.id === id);
    if (index >= 0) this.entries.splice(index, 1);
  }

  group(name: string): Group {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = { last: 0, pending: new Map() };
      this.groups.set(name, group);
    }
    return group;
  }

  /** Shortens the stream to its retention, never past the floor of a group that is not to be ignored. Gives how many entries went. */
  trim(
    { maxLength, maxAgeMs }: Retention,
    groups: readonly string[],
    ignored: readonly string[],
  ): [number, ForcedLoss[]] {
    const oldest = maxAgeMs > 0 ? Date.now() - maxAgeMs : 0;
    const excess = maxLength > 0 ? this.entries.length - maxLength : 0;
    const floors = groups.map((name) => ({ name, floor: this.floorOf(name) }));
    const end = this.entries.findIndex(
      ({ id, sequence }, n) =>
        (n >= excess && Number(id.split('-')[0]) >= oldest) ||
        floors.some(({ name, floor }) => sequence >= floor && !ignored.includes(name)),
    );
    const gone = this.entries.splice(0, end < 0 ? this.entries.length : end);
    const losses = floors.flatMap(({ name, floor }) => {
      const lost = gone.filter(({ sequence }) => sequence >= floor);
      const [first, last] = [lost[0], lost.at(-1)];
      return first && last ? [{ group: name, from: first.id, to: last.id, count: lost.length }] : [];
    });
    return [gone.length, losses];
  }

  private floorOf(name: string): number {
    const { last, pending } = this.group(name);
    return this.entries.find(({ id }) => pending.has(id))?.sequence ?? last + 1;
  }

  /** Hands out what the group has not seen. */
  take(groupName: string, consumer: string, limit: number): StoredEntry[] {
    const group = this.group(groupName);
    const fresh = this.entries.filter(({ sequence }) => sequence > group.last).slice(0, limit);
    for (const { id, sequence } of fresh) {
      group.last = sequence;
      group.pending.set(id, { consumer, deliveredAt: monotonicMs(), count: 1 });
    }
    return fresh;
  }
}

/** Streams, parked deliveries and digests of one memory. */
export class MemoryStore {
  private readonly streams = new Map<string, StoredStream>();
  /** Who has the turn, by group and partition. */
  readonly turns = new Map<string, string>();
  readonly seen = new Map<string, { readonly id: string; readonly type: string }>();
  private readonly waiting = new Set<() => void>();

  stream({ name, partition }: StreamName): StoredStream {
    const key = `${partition}/${name}`;
    let stream = this.streams.get(key);
    if (stream === undefined) {
      stream = new StoredStream();
      this.streams.set(key, stream);
    }
    return stream;
  }

  /** Something was appended: wakes those that wait. */
  changed(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** Resolves when something was appended, after `ms`, or when the signal aborts. */
  change(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.waiting.add(done);
    });
  }
}
