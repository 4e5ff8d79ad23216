import { Pace } from '@millrace/host';
import { StepLimitError } from '@millrace/patterns';
import type { Delivery, StreamName } from '@millrace/streams';
import { asUnavailable, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { Effort } from '../effort.js';
import { sum, timeOfId } from '../pipeline/views.js';
import { Cursor } from './cursor.js';
import type { EventFilter } from './event-filter.js';
import { PartitionMerge } from './partition-merge.js';
import { partitionsOf } from './partitions.js';
import { type StoredEvent, toStored } from './stored-event.js';

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
}

/** A page of events. */
export interface EventPage {
  readonly events: StoredEvent[];
  /** Gives what comes after; null at the end. */
  readonly next: string | null;
  /** Events that were looked at. */
  readonly looked: number;
  /** Of these, how many take more steps to match than they may: whether they are meant is not known. */
  readonly undecided: number;
  /** Unix milliseconds of the last of them; null where there was none. */
  readonly reachedAt: number | null;
  /** Events that the topic holds. */
  readonly total: number;
}

/** One event with all that is stored of it. */
export interface WholeEvent extends StoredEvent {
  /** Its text, as it came in; null where the entry holds no event. */
  readonly json: string | null;
  readonly bytes: number;
  /** The fields of its entry; of a frame all of it. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Most events that one request looks through. */
const LOOK_THROUGH = 5000;
const PAGE = 500;

/** The events of topics, as they are stored. All methods reject with `Unavailable`. */
@Injectable()
export class TopicEvents {
  private readonly redis;

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {
    this.redis = transport.connect('topic events');
  }

  /** The `next` of an earlier page; undefined where the text is none. */
  cursorOf(text: string): Cursor | undefined {
    return Cursor.parse(text, this.transport.partitions.count);
  }

  /** A page over all partitions. With a filter it may be short, or empty, and not the last: a request may cost only so much. */
  async page(topic: string, range: EventRange): Promise<EventPage> {
    const { limit, order, effort = new Effort() } = range;
    const filter = range.filter === undefined ? undefined : new Asked(range.filter, effort);
    const pace = new Pace();
    const cursor = range.cursor ?? Cursor.start(this.transport.partitions.count);
    const size = filter === undefined ? Math.min(limit, PAGE) : PAGE;
    const streams = partitionsOf(topic, this.transport.partitions.count);
    const merge = new PartitionMerge(order, cursor, (partition, after) =>
      this.read(streams[partition] as StreamName, range, after, size),
    );
    const events: StoredEvent[] = [];
    const total = sum(await this.transport.inspect(streams), ({ length }) => length);
    let looked = 0;
    let reachedAt: number | null = null;
    for (; events.length < limit && looked < LOOK_THROUGH && !effort.isSpent; looked += 1) {
      const delivery = await merge.next();
      if (delivery === undefined) break;
      reachedAt = timeOfId(delivery.position);
      if (filter === undefined || filter.means(delivery)) events.push(toStored(delivery));
      if (pace.isDue) await pace.rest();
    }
    const next = (await merge.isAtEnd()) ? null : merge.cursor.toString();
    return { events, next, looked, undecided: filter?.undecided ?? 0, reachedAt, total };
  }

  /** One event; undefined where there is none (any more). */
  async one(topic: string, partition: number, position: string): Promise<WholeEvent | undefined> {
    const stream = partitionsOf(topic, this.transport.partitions.count)[partition];
    if (stream === undefined) return undefined;
    const entryId = position.split('.')[0] as string;
    const [[delivery], rows] = await Promise.all([
      this.transport.reader.range(stream, position, position, 1),
      this.redis.xrange(this.transport.keys.stream(stream), entryId, entryId).catch((error: unknown) => {
        throw asUnavailable(error);
      }),
    ]);
    if (delivery === undefined) return undefined;
    const { json } = delivery.event;
    return {
      ...toStored(delivery),
      json: json === '' ? null : json,
      bytes: Buffer.byteLength(json),
      fields: pairs(rows[0]?.[1] ?? []),
    };
  }

  private read(
    stream: StreamName,
    { from, to, order }: EventRange,
    after: string | null,
    limit: number,
  ): Promise<Delivery[]> {
    const { reader } = this.transport;
    if (order === 'oldest') return reader.range(stream, after === null ? from : `(${after}`, to, limit);
    return reader.newest(stream, from, after === null ? to : `(${after}`, limit);
  }
}

/** A filter that was asked of some events. */
class Asked {
  undecided = 0;

  constructor(
    private readonly filter: EventFilter,
    private readonly effort: Effort,
  ) {}

  means(delivery: Delivery): boolean {
    try {
      return this.filter(delivery, this.effort);
    } catch (error) {
      if (!(error instanceof StepLimitError)) throw error;
      this.undecided += 1;
      return false;
    }
  }
}

const pairs = (flat: readonly string[]): [string, string][] =>
  Array.from({ length: Math.floor(flat.length / 2) }, (_, i) => [flat[2 * i] as string, flat[2 * i + 1] as string]);
