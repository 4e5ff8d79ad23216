import type { DeadLetter, DeadLetterGroups, DeadLetterPage, DeadLetterFilter as SentFilter } from '@millrace/admin-api';
import { type DeadLetterRange, Operations, type StoredDeadLetter, sizeOf } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { AnswerBudget, shortenedFields } from '../answers/answer-budget.js';
import { timeOfId } from '../observation/views.js';
import { StreamMerge } from '../topics/stream-merge.js';
import { groupByError } from './error-groups.js';

/** Which dead letters are meant; what is left out does not matter. */
export interface DeadLetterFilter extends Omit<SentFilter, 'from' | 'to'> {
  /** When it died, as ids of the stream of dead letters; `-` and `+` are the ends. */
  readonly from: string;
  readonly to: string;
}

/** Dead letters of one group and partition. */
export interface GroupLetters {
  readonly group: string;
  readonly partition: number;
  readonly letters: readonly StoredDeadLetter[];
}

/** Most that one request looks through, of all groups and partitions together; of each at least a hundred. */
const LOOK_THROUGH = 2000;
const LEAST_OF_EACH = 100;
const MOST_OF_EACH = 1000;
/** What is read of all groups together to sum them up, and at once. */
const SUMMED_CHARACTERS = 32 * 1024 * 1024;
const SUMMED_PAGE_BYTES = 512 * 1024;

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

export const toView = ({ json, fields, ...letter }: StoredDeadLetter, partition: number): DeadLetter => ({
  ...letter,
  fields: fields && shortenedFields(fields, Number.POSITIVE_INFINITY),
  partition,
  event: json ?? null,
});

const withoutEvent = (letter: StoredDeadLetter): StoredDeadLetter => ({
  ...letter,
  json: undefined,
  fields: undefined,
  stack: undefined,
  history: [],
});

const reachedAt = (last: { readonly id: string } | undefined): number | null =>
  last === undefined ? null : timeOfId(last.id);

/** Finds dead letters of all registered groups. All methods reject with `Unavailable`. */
@Injectable()
export class DeadLetterFinder {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  /** Newest first, about 4 MiB. Of many are looked through for few, and large ones are many: so a page may be short. */
  async newest(filter: DeadLetterFilter, limit: number, cursor?: LetterCursor): Promise<DeadLetterPage> {
    const ranges = await this.ranges(filter);
    const merge = this.merge(ranges, isContent(filter) ? MOST_OF_EACH : limit, cursor);
    const budget = new AnswerBudget();
    const deadLetters: DeadLetter[] = [];
    const total = await this.total(ranges);
    let last: { readonly id: string; readonly place: number } | undefined;
    let looked = 0;
    for (; deadLetters.length < limit && looked < LOOK_THROUGH && !budget.isSpent; looked += 1) {
      const found = await merge.next();
      if (found === undefined) return { deadLetters, next: null, looked, reachedAt: reachedAt(last), total };
      const { one: letter, place } = found;
      last = { id: letter.id, place };
      budget.look(sizeOf(letter));
      if (!matches(letter, filter)) continue;
      deadLetters.push(toView(letter, (ranges[place] as DeadLetterRange).partition));
      budget.give(sizeOf(letter));
    }
    const isEnd = last === undefined || (await merge.isAtEnd());
    const next = isEnd || last === undefined ? null : LetterCursor.of(last.id, last.place).toString();
    return { deadLetters, next, looked, reachedAt: reachedAt(last), total };
  }

  private merge(ranges: readonly DeadLetterRange[], limit: number, cursor?: LetterCursor) {
    const { deadLetters } = this.operations;
    const rangeOf = (place: number, after: string | null): DeadLetterRange => {
      const range = ranges[place] as DeadLetterRange;
      return after === null ? (cursor?.within(range, place) ?? range) : { ...range, to: `(${after}` };
    };
    return new StreamMerge<StoredDeadLetter>({
      order: 'newest',
      after: ranges.map(() => null),
      positionOf: ({ id }) => id,
      peek: (place, after) => deadLetters.newestId(rangeOf(place, after)),
      read: async (place, after, mostBytes) =>
        (await deadLetters.newestPage(rangeOf(place, after), limit, mostBytes)).letters,
    });
  }

  /** The newest thousand of each group by their error, as far as 32 MiB of all of them reach. */
  async groups(filter: DeadLetterFilter): Promise<DeadLetterGroups> {
    const all = await this.ranges(filter);
    const counts = await this.operations.deadLetters.counts(all);
    const ranges = all.filter((_, i) => counts[i] !== 0);
    const letters: StoredDeadLetter[] = [];
    const partial = new Set<string>();
    let looked = 0;
    for (const range of ranges) {
      const found = await this.summary(range, filter, ranges.length);
      if (found.more) partial.add(range.group);
      looked += found.looked;
      letters.push(...found.letters);
    }
    const errors = groupByError(letters).map((one) => ({ ...one, isExact: !partial.has(one.group) }));
    return { total: counts.reduce((sum, count) => sum + count, 0), looked, errors };
  }

  /** The newest of one of so many ranges that match, without their events: a page at a time, so that few events are held. */
  private async summary(range: DeadLetterRange, filter: DeadLetterFilter, ranges: number) {
    const [most, mostCharacters] = [lookThrough(ranges), SUMMED_CHARACTERS / ranges];
    const letters: StoredDeadLetter[] = [];
    let [looked, characters, more, to] = [0, 0, true, range.to];
    while (more && looked < most && characters < mostCharacters) {
      const page = await this.operations.deadLetters.newestPage({ ...range, to }, most - looked, SUMMED_PAGE_BYTES);
      for (const letter of page.letters) {
        characters += sizeOf(letter);
        if (matches(letter, filter)) letters.push(withoutEvent(letter));
      }
      looked += page.letters.length;
      more = page.more;
      to = `(${page.letters.at(-1)?.id}`;
    }
    return { letters, looked, more };
  }

  async one(group: string, partition: number, id: string): Promise<StoredDeadLetter | undefined> {
    const [letter] = await this.operations.deadLetters.newest({ group, partition, from: id, to: id }, 1);
    return letter;
  }

  /** All that match now, the oldest of each group first, a page at a time; pages may be short. */
  async *all(filter: DeadLetterFilter): AsyncIterable<GroupLetters> {
    for (const { group, partition, ...range } of await this.ranges(filter)) {
      for await (const page of this.operations.deadLetters.all({ group, partition, ...range })) {
        const letters = page.filter((letter) => matches(letter, filter));
        if (letters.length > 0) yield { group, partition, letters };
      }
    }
  }

  /** The newest of each group and partition that the filter reaches, where there is one. */
  async ends(filter: DeadLetterFilter): Promise<{ group: string; partition: number; to: string }[]> {
    const ranges = await this.ranges(filter);
    const newest = await Promise.all(ranges.map((range) => this.operations.deadLetters.newestId(range)));
    return ranges.flatMap(({ group, partition }, i) => {
      const to = newest[i];
      return to === undefined ? [] : [{ group, partition, to }];
    });
  }

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
    const counts = await this.operations.deadLetters.counts(ranges);
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
