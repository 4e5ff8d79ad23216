import type { Position } from '@millrace/streams';

const partsOf = (position: Position): number[] => position.split(/[-.]/).map(Number);

/** Compares positions as Redis orders entries, and events in them. */
export const byPosition = (a: Position, b: Position): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** What is merged, each stream in order by itself. `place` is the number of a stream, `after` where its last that was given stands. */
export interface Merged<T> {
  readonly order: 'newest' | 'oldest';
  /** Where each stream goes on; null at its start. */
  readonly after: readonly (Position | null)[];
  /** Where the next of a stream stands, at the earliest; undefined at its end. */
  readonly peek: (place: number, after: Position | null) => Promise<Position | undefined>;
  /** The next of a stream, about so many bytes and at least one; none at its end. */
  readonly read: (place: number, after: Position | null, mostBytes: number) => Promise<T[]>;
  readonly positionOf: (one: T) => Position;
}

/** What all streams together have read ahead, in bytes. */
const AHEAD_BYTES = 4 * 1024 * 1024;
const MOST_PAGE_BYTES = 512 * 1024;
const LEAST_PAGE_BYTES = 1024;

interface Source<T> {
  head: Position | undefined;
  page: T[];
  isKnown: boolean;
}

/**
 * The contents of many streams, one by one, in the order of their times. Of a stream only where its next stands is known
 * before it is its turn: one large event of each would be more than there is room for.
 */
export class StreamMerge<T> {
  private readonly after: (Position | null)[];
  private readonly sources: Source<T>[];
  private readonly pageBytes: number;

  constructor(private readonly merged: Merged<T>) {
    this.after = [...merged.after];
    this.sources = this.after.map(() => ({ head: undefined, page: [], isKnown: false }));
    const share = Math.floor(AHEAD_BYTES / Math.max(1, this.after.length));
    this.pageBytes = Math.max(LEAST_PAGE_BYTES, Math.min(MOST_PAGE_BYTES, share));
  }

  /** Where the last that was given of each stream stands. */
  get given(): readonly (Position | null)[] {
    return [...this.after];
  }

  /** Undefined at the end. */
  async next(): Promise<{ readonly one: T; readonly place: number } | undefined> {
    const place = await this.nextPlace();
    if (place === undefined) return undefined;
    const source = this.sources[place] as Source<T>;
    const one = source.page.shift() as T;
    this.after[place] = this.merged.positionOf(one);
    this.turnTo(source, source.page);
    return { one, place };
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.nextPlace()) === undefined;
  }

  /** The stream whose next comes first, which has it at hand. */
  private async nextPlace(): Promise<number | undefined> {
    for (;;) {
      await Promise.all(this.sources.map((source, place) => (source.isKnown ? undefined : this.look(source, place))));
      const place = this.firstOf();
      if (place === undefined) return undefined;
      const source = this.sources[place] as Source<T>;
      if (source.page.length > 0) return place;
      // It may stand further on than was known.
      const page = await this.merged.read(place, this.after[place] ?? null, this.pageBytes);
      this.turnTo(source, page);
      source.isKnown = true;
    }
  }

  private firstOf(): number | undefined {
    const sign = this.merged.order === 'newest' ? -1 : 1;
    let first: number | undefined;
    this.sources.forEach(({ head }, place) => {
      if (head === undefined) return;
      const before = first === undefined ? undefined : (this.sources[first]?.head as Position);
      if (before === undefined || sign * byPosition(head, before) < 0) first = place;
    });
    return first;
  }

  private async look(source: Source<T>, place: number): Promise<void> {
    source.head = await this.merged.peek(place, this.after[place] ?? null);
    source.isKnown = true;
  }

  private turnTo(source: Source<T>, page: T[]): void {
    const [first] = page;
    source.page = page;
    source.head = first === undefined ? undefined : this.merged.positionOf(first);
    source.isKnown = first !== undefined;
  }
}
