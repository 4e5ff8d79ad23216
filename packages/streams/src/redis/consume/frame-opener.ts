import { againFields, type Entry, type EntryDelivery, readEntry } from '../../entry.js';
import { againStream } from '../../names.js';
import type { Keys } from '../connection/keys.js';
import type { Rows } from '../connection/stream-answer.js';
import type { Functions } from '../functions/functions.js';

/** Entries that may stand in front of the events of a frame in one call, whatever their size. */
const MOST_BEFORE = 50;

/** Whether it is several events in one. */
export const isFrame = ({ deliveries }: Entry): boolean => deliveries.length > 1;

interface Opener {
  readonly group: string;
  readonly consumer: string;
  readonly partition: number;
}

/** Takes frames in flight apart: their events go on as entries of their own in the group's `again` stream. */
export class FrameOpener {
  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly who: Opener,
  ) {}

  /** For anybody to read. What is not ours any more stays as it is. */
  async give(frame: Entry): Promise<void> {
    // Nobody knows which of them killed its consumers, so it counts for none.
    await this.call(frame, frame.deliveries, '', 0);
  }

  /**
   * In order, for ourselves: those of its events that are left, and what else was to be read again, in front of them. Undefined
   * where the lease with this token is lost.
   */
  async open(
    frame: Entry,
    left: readonly EntryDelivery[],
    token: string,
    attempts: number,
  ): Promise<Entry[] | undefined> {
    const { group, partition } = this.who;
    const entries: Entry[] = [];
    for (;;) {
      const answer = (await this.call(frame, left, token, attempts)) as [done: number, Rows] | null;
      if (answer === null) return undefined;
      const [done, rows] = answer;
      entries.push(...rows.map(([id, fields]) => readEntry(againStream(group), partition, id, fields ?? [], 1)));
      if (done === 1) return entries;
    }
  }

  private call(
    { source, id, deliveries }: Entry,
    left: readonly EntryDelivery[],
    token: string,
    attempts: number,
  ): Promise<unknown> {
    const { group, consumer, partition } = this.who;
    const key = (name: string) => this.keys.stream({ name, partition });
    const events = left.map((delivery) => againFields(delivery, attempts));
    return this.functions.call(
      'take_apart',
      [this.keys.lease(group, partition), this.keys.frames(partition), key(againStream(group)), key(source)],
      [
        group,
        consumer,
        token,
        MOST_BEFORE,
        id,
        deliveries.length,
        ...events.flatMap((fields) => [fields.length, ...fields]),
      ],
    );
  }
}
