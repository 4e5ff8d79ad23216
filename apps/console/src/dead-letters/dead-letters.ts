import type { DeadLetterRange, StoredDeadLetter } from '@millrace/streams/redis';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { ConsoleConfig } from '../console-config.js';

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

/** Most that are looked through for a list, in each group and partition. */
const LOOK_THROUGH = 1000;

const matches = (letter: StoredDeadLetter, { error, stream, type }: DeadLetterFilter): boolean =>
  (error === undefined || letter.error === error) &&
  (stream === undefined || letter.stream === stream) &&
  (type === undefined || letter.type === type);

export const toView = ({ json, ...letter }: StoredDeadLetter, partition: number): DeadLetterView => ({
  ...letter,
  partition,
  event: json ?? null,
});

/** Finds dead letters of all registered groups. All methods reject with `Unavailable`. */
@Injectable()
export class DeadLetters {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {}

  /** Newest first. A filter by what is in them looks through the newest 1000 of each group. */
  async newest(filter: DeadLetterFilter, limit: number): Promise<DeadLetterView[]> {
    const { error, stream, type } = filter;
    const most = [error, stream, type].every((one) => one === undefined) ? limit : LOOK_THROUGH;
    const each = await Promise.all(
      (await this.ranges(filter)).map(async (range) =>
        (await this.transport.deadLetters.newest(range, most))
          .filter((letter) => matches(letter, filter))
          .map((letter) => toView(letter, range.partition)),
      ),
    );
    return each
      .flat()
      .sort((a, b) => b.lastFailedAt - a.lastFailedAt)
      .slice(0, limit);
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

  /** How many match now. */
  async count(filter: DeadLetterFilter): Promise<number> {
    let count = 0;
    for await (const { letters } of this.all(filter)) count += letters.length;
    return count;
  }

  private async ranges({ hop, group: only, from, to }: DeadLetterFilter): Promise<DeadLetterRange[]> {
    const groups = (await this.transport.registry.groups()).filter(
      (one) => (hop === undefined || one.hop === hop) && (only === undefined || one.group === only),
    );
    return groups.flatMap(({ group }) =>
      Array.from({ length: this.config.PARTITIONS }, (_, partition) => ({ group, partition, from, to })),
    );
  }
}
