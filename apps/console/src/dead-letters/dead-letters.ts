import type { DeadLetterRange, StoredDeadLetter } from '@millrace/streams/redis';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { timeOfId } from '../pipeline/views.js';
import { byPosition } from '../topics/partition-merge.js';
import { type ErrorGroup, groupByError } from './error-groups.js';

/** Which dead letters are meant; what is left out does not matter. */
export interface DeadLetterFilter {
  readonly hop?: string | undefined;
  readonly group?: string | undefined;
  /** Class of the error. */
  readonly error?: string | undefined;
  /** Where the event came from: `in`, `topic:orders`. */
  readonly stream?: string | undefined;
  /** Type of the event. */
  readonly type?: string | undefined;
  /** What the message of the error or the event contains, whatever its case. */
  readonly text?: string | undefined;
  /** When it died, as ids of the stream of dead letters; `-` and `+` are the ends. */
  readonly from: string;
  readonly to: string;
}

/** A dead letter as the API gives it. */
export interface DeadLetterView extends Omit<StoredDeadLetter, 'json'> {
  readonly partition: number;
  /** The event as text, as it came in; null where its payload was lost. */
  readonly event: string | null;
}

/** Dead letters of one group and partition. */
export interface DeadLetterPage {
  readonly group: string;
  readonly partition: number;
  readonly letters: readonly StoredDeadLetter[];
}

/** A part of a list. */
export interface DeadLetterList {
  readonly deadLetters: DeadLetterView[];
  /** Gives what comes after; null at the end. */
  readonly next: string | null;
  /** Dead letters that were looked at. */
  readonly looked: number;
  /** Unix milliseconds at which the last of them died; null where there was none. */
  readonly reachedAt: number | null;
  /** Of all groups that are meant, whatever else the filter says. */
  readonly total: number;
}

/** How the newest dead letters fall into errors. */
export interface DeadLetterGroups {
  /** Of all groups that are meant, whatever else the filter says. */
  readonly total: number;
  readonly looked: number;
  readonly errors: (ErrorGroup & {
    /** False where there are dead letters of the group that were not looked at: then there are at least so many. */
    readonly isExact: boolean;
  })[];
}

/** Most that one request looks through, of all groups and partitions together; of each at least a hundred. */
const LOOK_THROUGH = 2000;
const LEAST_OF_EACH = 100;
const MOST_OF_EACH = 1000;

const isContent = ({ error, stream, type, text }: DeadLetterFilter): boolean =>
  [error, stream, type, text].some((one) => one !== undefined);

const contains = (letter: StoredDeadLetter, text: string): boolean =>
  [letter.message, letter.json ?? ''].some((one) => one.toLowerCase().includes(text.toLowerCase()));

/** Whether a dead letter is one that the filter means, but for its group and time. */
export const matches = (letter: StoredDeadLetter, { error, stream, type, text }: DeadLetterFilter): boolean =>
  (error === undefined || letter.error === error) &&
  (stream === undefined || letter.stream === stream) &&
  (type === undefined || letter.type === type) &&
  (text === undefined || contains(letter, text));

export const toView = ({ json, ...letter }: StoredDeadLetter, partition: number): DeadLetterView => ({
  ...letter,
  partition,
  event: json ?? null,
});

/** A dead letter, and which of the streams it is in. */
interface Found {
  readonly letter: StoredDeadLetter;
  readonly range: DeadLetterRange;
  readonly place: number;
}

const newestFirst = (a: Found, b: Found): number => -byPosition(a.letter.id, b.letter.id) || a.place - b.place;

/** Finds dead letters of all registered groups. All methods reject with `Unavailable`. */
@Injectable()
export class DeadLetters {
  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  /** Newest first. What is asked by content is looked for in so many at a time, so a page may be short. */
  async newest(filter: DeadLetterFilter, limit: number, cursor?: LetterCursor): Promise<DeadLetterList> {
    const ranges = await this.ranges(filter);
    const most = isContent(filter) ? lookThrough(ranges.length) : limit;
    const pages = await Promise.all(
      ranges.map(async (range, place) => {
        const page = await this.transport.deadLetters.newestPage(cursor?.within(range, place) ?? range, most);
        return { more: page.more, found: page.letters.map((letter): Found => ({ letter, range, place })) };
      }),
    );
    // Of a stream that has more, what is older than its page is not known yet.
    const ends = pages.filter(({ more }) => more).map(({ found }) => found.at(-1) as Found);
    const horizon = ends.sort(newestFirst)[0];
    const known = pages
      .flatMap(({ found }) => found)
      .filter((one) => horizon === undefined || newestFirst(one, horizon) <= 0)
      .sort(newestFirst);
    const found = known.filter(({ letter }) => matches(letter, filter));
    const given = found.slice(0, limit);
    const reached = found.length > limit ? given.at(-1) : known.at(-1);
    const last = found.length > limit ? given.at(-1) : horizon;
    return {
      deadLetters: given.map(({ letter, range }) => toView(letter, range.partition)),
      next: last === undefined ? null : LetterCursor.of(last.letter.id, last.place).toString(),
      looked: known.length,
      reachedAt: reached === undefined ? null : timeOfId(reached.letter.id),
      total: await this.total(ranges),
    };
  }

  /** The newest thousand of each group by their error. */
  async groups(filter: DeadLetterFilter): Promise<DeadLetterGroups> {
    const ranges = await this.ranges(filter);
    const most = lookThrough(ranges.length);
    const pages = await Promise.all(ranges.map((range) => this.transport.deadLetters.newestPage(range, most)));
    const letters = pages.flatMap((page) => page.letters);
    const partial = new Set(ranges.filter((_, i) => pages[i]?.more).map(({ group }) => group));
    return {
      total: await this.total(ranges),
      looked: letters.length,
      errors: groupByError(letters.filter((letter) => matches(letter, filter))).map((one) => ({
        ...one,
        isExact: !partial.has(one.group),
      })),
    };
  }

  async one(group: string, partition: number, id: string): Promise<StoredDeadLetter | undefined> {
    const [letter] = await this.transport.deadLetters.newest({ group, partition, from: id, to: id }, 1);
    return letter;
  }

  /** All that match now, the oldest of each group first, a page at a time; pages may be short. */
  async *all(filter: DeadLetterFilter): AsyncIterable<DeadLetterPage> {
    for (const { group, partition, ...range } of await this.ranges(filter)) {
      for await (const page of this.transport.deadLetters.all({ group, partition, ...range })) {
        const letters = page.filter((letter) => matches(letter, filter));
        if (letters.length > 0) yield { group, partition, letters };
      }
    }
  }

  /** The newest of each group and partition that the filter reaches, where there is one. */
  async ends(filter: DeadLetterFilter): Promise<{ group: string; partition: number; to: string }[]> {
    const ranges = await this.ranges(filter);
    const newest = await Promise.all(ranges.map((range) => this.transport.deadLetters.newest(range, 1)));
    return ranges.flatMap(({ group, partition }, i) =>
      (newest[i] ?? []).map(({ id }) => ({ group, partition, to: id })),
    );
  }

  /** How many match now. */
  async count(filter: DeadLetterFilter): Promise<number> {
    return (await this.countByGroup(filter)).matched;
  }

  /** How many match now, and of which groups they are. */
  async countByGroup(filter: DeadLetterFilter): Promise<{ matched: number; groups: string[] }> {
    const groups = new Set<string>();
    let matched = 0;
    for await (const { group, letters } of this.all(filter)) {
      matched += letters.length;
      groups.add(group);
    }
    return { matched, groups: [...groups] };
  }

  private async total(ranges: readonly DeadLetterRange[]): Promise<number> {
    const counts = await this.transport.deadLetters.counts(ranges);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async ranges({ hop, group: only, from, to }: DeadLetterFilter): Promise<DeadLetterRange[]> {
    const groups = (await this.transport.registry.groups()).filter(
      (one) => (hop === undefined || one.hop === hop) && (only === undefined || one.group === only),
    );
    return groups.flatMap(({ group }) =>
      Array.from({ length: this.transport.partitions.count }, (_, partition) => ({ group, partition, from, to })),
    );
  }
}

const lookThrough = (ranges: number): number =>
  Math.min(MOST_OF_EACH, Math.max(LEAST_OF_EACH, Math.floor(LOOK_THROUGH / Math.max(1, ranges))));

/** Where a list ended: at an id, in the stream of that place. Several streams may have the same id. */
export class LetterCursor {
  private constructor(
    private readonly id: string,
    private readonly place: number,
  ) {}

  static of(id: string, place: number): LetterCursor {
    return new LetterCursor(id, place);
  }

  /** Undefined where the text is no cursor. */
  static parse(text: string): LetterCursor | undefined {
    const [, id, place] = /^(\d{1,16}-\d{1,16})~(\d{1,6})$/.exec(text) ?? [];
    return id === undefined ? undefined : new LetterCursor(id, Number(place));
  }

  /** The range, without what was given already. */
  within(range: DeadLetterRange, place: number): DeadLetterRange {
    return { ...range, to: place <= this.place ? `(${this.id}` : this.id };
  }

  toString(): string {
    return `${this.id}~${this.place}`;
  }
}
