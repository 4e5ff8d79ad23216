import type { EventPage, StoredEvent, StoredEventDetail } from '@millrace/admin-api';
import { Pace } from '@millrace/host';
import { StepLimitError } from '@millrace/patterns';
import type { Delivery, StreamName } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { AnswerBudget, shortenedFields } from '../answers/answer-budget.js';
import { Effort } from '../answers/effort.js';
import { sum, timeOfId } from '../observation/views.js';
import { Cursor } from './cursor.js';
import type { EventFilter } from './event-filter.js';
import { partitionsOf } from './partitions.js';
import { charactersOf, foreignIn, toStored } from './stored-event.js';
import { StreamMerge } from './stream-merge.js';

/** A part of a topic to look at. */
export interface EventRange {
  /** Stream ids; `-` and `+` are the ends. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  readonly filter?: EventFilter | undefined;
  /** Where an earlier page ended. */
  readonly cursor?: Cursor | undefined;
  /** Of the request, where that looks at several pages. */
  readonly effort?: Effort;
  /** Of all that one request looks through; of this page alone unless it is given. */
  readonly budget?: AnswerBudget;
}

/** Most events that one request looks through. */
const LOOK_THROUGH = 5000;
const PAGE = 500;

/** The events of topics, as they are stored. All methods reject with `Unavailable`. */
@Injectable()
export class TopicEvents {
  private readonly redis;

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {
    this.redis = transport.connections.connect('topic events');
  }

  /** The `next` of an earlier page; undefined where the text is none. */
  cursorOf(text: string): Cursor | undefined {
    return Cursor.parse(text, this.transport.partitions.count);
  }

  /**
   * A page over all partitions, of at most about 4 MiB. With a filter, and where events are large, it may be short, or empty, and
   * not the last: a request may cost only so much.
   */
  async page(topic: string, range: EventRange): Promise<EventPage> {
    const events: StoredEvent[] = [];
    const found = await this.look(topic, range, (delivery) => events.push(toStored(delivery)));
    return { events, ...found };
  }

  /** The same, but for the events themselves: how many are meant. */
  async count(topic: string, range: EventRange): Promise<Omit<EventPage, 'events'> & { readonly matched: number }> {
    let matched = 0;
    const found = await this.look(topic, range, () => (matched += 1), false);
    return { matched, ...found };
  }

  private async look(topic: string, range: EventRange, give: (delivery: Delivery) => unknown, isGiven = true) {
    const { limit, effort = new Effort(), budget = new AnswerBudget() } = range;
    const filter = range.filter === undefined ? undefined : new Asked(range.filter, effort);
    const pace = new Pace();
    const cursor = range.cursor ?? Cursor.start(this.transport.partitions.count);
    const size = filter === undefined ? Math.min(limit, PAGE) : PAGE;
    const streams = partitionsOf(topic, this.transport.partitions.count);
    const merge = this.merge(streams, range, cursor, size);
    const total = sum(await this.transport.streams.inspect(streams), ({ length }) => length);
    let [looked, given] = [0, 0];
    let reachedAt: number | null = null;
    for (; given < limit && looked < LOOK_THROUGH && !effort.isSpent && !budget.isSpent; looked += 1) {
      const found = await merge.next();
      if (found === undefined) break;
      const { one } = found;
      reachedAt = timeOfId(one.position);
      budget.look(charactersOf(one));
      if (filter === undefined || (await filter.means(one, pace))) {
        give(one);
        given += 1;
        if (isGiven) budget.give(charactersOf(one));
      }
      if (pace.isDue) await pace.rest();
    }
    const next = (await merge.isAtEnd()) ? null : new Cursor(merge.given).toString();
    return { next, looked, undecided: filter?.undecided ?? 0, reachedAt, total };
  }

  private merge(streams: readonly StreamName[], { from, to, order }: EventRange, { after }: Cursor, limit: number) {
    const { reader } = this.transport;
    const within = (after: string | null): [string, string] => {
      if (after === null) return [from, to];
      return order === 'oldest' ? [`(${after}`, to] : [from, `(${after}`];
    };
    return new StreamMerge<Delivery>({
      order,
      after,
      positionOf: ({ position }) => position,
      peek: (place, after) => reader.endOf(streams[place] as StreamName, ...within(after), order),
      read: (place, after, mostBytes) => {
        const stream = streams[place] as StreamName;
        if (order === 'oldest') return reader.range(stream, ...within(after), limit, mostBytes);
        return reader.newest(stream, ...within(after), limit, mostBytes);
      },
    });
  }

  /** One event; undefined where there is none (any more). */
  async one(topic: string, partition: number, position: string): Promise<StoredEventDetail | undefined> {
    const stream = partitionsOf(topic, this.transport.partitions.count)[partition];
    if (stream === undefined) return undefined;
    const [delivery] = await this.transport.reader.range(stream, position, position, 1);
    if (delivery === undefined) return undefined;
    const { json } = delivery.event;
    const isLeftOut = foreignIn(delivery)?.includes('left out');
    const fields =
      isLeftOut === true ? foreignIn(delivery) : await this.fieldsAt(stream, position.split('.')[0] as string);
    return {
      ...toStored(delivery),
      json: json === '' ? null : json,
      bytes: Buffer.byteLength(json),
      fields: pairs(shortenedFields(fields ?? [])),
    };
  }

  private async fieldsAt(stream: StreamName, id: string): Promise<readonly string[] | undefined> {
    const rows = await this.redis.xrange(this.transport.keys.stream(stream), id, id);
    return rows[0]?.[1];
  }
}

/** A filter that was asked of some events. */
class Asked {
  undecided = 0;

  constructor(
    private readonly filter: EventFilter,
    private readonly effort: Effort,
  ) {}

  async means(delivery: Delivery, pace: Pace): Promise<boolean> {
    try {
      return await this.filter(delivery, pace, this.effort);
    } catch (error) {
      if (!(error instanceof StepLimitError)) throw error;
      this.undecided += 1;
      return false;
    }
  }
}

const pairs = (flat: readonly string[]): [string, string][] =>
  Array.from({ length: Math.floor(flat.length / 2) }, (_, i) => [flat[2 * i] as string, flat[2 * i + 1] as string]);
