import { eventDigest } from '@millrace/events';
import { writeJson } from '@millrace/json';
import type { Delivery, StreamName } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { charactersOf, parsed } from '../topics/stored-event.js';

/** Source and id of an event. */
export interface EventName {
  readonly source: string;
  readonly id: string;
}

/** Events of a topic that are looked through for a copy, from one place. */
const LOOK_THROUGH = 2000;
/** The same in characters. */
const LOOK_CHARACTERS = 8 * 1024 * 1024;
const PAGE = 500;
const PAGE_BYTES = 512 * 1024;

/** An event, or that there is none, and how many were looked at. */
export interface Found {
  readonly delivery: Delivery | undefined;
  readonly looked: number;
  /** False where it may stand further on. */
  readonly isSure: boolean;
}

const isNamed = ({ event }: Delivery, { source, id }: EventName): boolean => {
  // Most do not contain it at all; those are not parsed, unless they may say it by escapes.
  if (!event.json.includes(writeJson(id)) && !event.json.includes('\\')) return false;
  const it = parsed(event.json) as { source?: unknown; id?: unknown } | null;
  return it?.id === id && it.source === source;
};

/** Finds an event that is known by the deduplication window, and its copies in topics. All methods reject with `Unavailable`. */
@Injectable()
export class EventFinder {
  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  /** Where it was appended, as far as the deduplication window reaches; undefined beyond that. */
  async inWindow({ source, id }: EventName): Promise<{ position: string; partition: number } | undefined> {
    const digest = eventDigest(source, id);
    const partitions = Array.from({ length: this.transport.partitions.count }, (_, partition) => partition);
    const seen = await Promise.all(partitions.map((partition) => this.transport.streams.seen(partition, digest)));
    const partition = seen.findIndex((position) => position !== undefined);
    return partition < 0 ? undefined : { partition, position: seen[partition] as string };
  }

  /**
   * The copy in a topic of an event that was appended at a position: among those that came in from then on, or, where
   * the router was far behind, about where the other events of that position are.
   */
  async copyIn(stream: StreamName, position: string, name: EventName): Promise<Found> {
    const near = await this.among(this.from(stream, timeOf(position)), name);
    if (near.delivery !== undefined || near.isSure) return near;
    const start = await this.firstRoutedFrom(stream, position);
    if (start === undefined) return near;
    const there = await this.among(this.from(stream, start), name);
    return { ...there, looked: near.looked + there.looked };
  }

  /** One event; undefined where it was trimmed. */
  async at(stream: StreamName, position: string): Promise<Delivery | undefined> {
    const [delivery] = await this.transport.reader.range(stream, position, position, 1);
    return delivery;
  }

  private async among(pages: AsyncIterable<readonly Delivery[]>, name: EventName): Promise<Found> {
    let [looked, characters] = [0, 0];
    for await (const page of pages) {
      if (page.length === 0) return { delivery: undefined, looked, isSure: true };
      looked += page.length;
      const delivery = page.find((one) => isNamed(one, name));
      if (delivery !== undefined) return { delivery, looked, isSure: true };
      characters += page.reduce((sum, one) => sum + charactersOf(one), 0);
      if (looked >= LOOK_THROUGH || characters >= LOOK_CHARACTERS) break;
    }
    return { delivery: undefined, looked, isSure: false };
  }

  private async *from(stream: StreamName, start: string): AsyncIterable<readonly Delivery[]> {
    for (let from = start; ; ) {
      const page = await this.transport.reader.range(stream, from, '+', PAGE, PAGE_BYTES);
      yield page;
      if (page.length === 0) return;
      from = `(${page.at(-1)?.position}`;
    }
  }

  /**
   * A time a little before events of that position were routed: copies stand in about the order of the inbox, and the
   * deduplication window tells where each was there. Halves the topic until the place is known to a hundred events' time.
   */
  private async firstRoutedFrom(stream: StreamName, position: string): Promise<string | undefined> {
    let low = Number(timeOf(position));
    let high = Date.now();
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const [probe] = await this.transport.reader.range(stream, String(middle), '+', 1);
      const appendedAt = probe === undefined ? undefined : await this.appendedAt(probe);
      if (probe !== undefined && appendedAt === undefined) return undefined;
      // Nothing comes after the middle, or what does was appended later than what is looked for.
      if (appendedAt === undefined || appendedAt > Number(timeOf(position))) high = middle;
      else low = middle;
    }
    return String(Math.max(0, low - 1));
  }

  private async appendedAt({ event, partition }: Delivery): Promise<number | undefined> {
    const { source, id } = (parsed(event.json) ?? {}) as { source?: string; id?: string };
    const position = await this.transport.streams.seen(partition, eventDigest(String(source), String(id)));
    return position === undefined ? undefined : Number(timeOf(position));
  }
}

const timeOf = (position: string): string => position.split('-')[0] as string;
