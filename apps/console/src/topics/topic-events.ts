import type { Delivery } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { ConsoleConfig } from './console-config.js';
import { partitionsOf } from './observer.js';

/** One stored event. */
export interface StoredEvent {
  /** Its position: the id of its entry, and in a frame its index there. */
  readonly streamId: string;
  readonly partition: number;
  readonly type: string;
  /** The CloudEvent; its text where that is no JSON. */
  readonly event: unknown;
}

/** A part of a topic to look at, by stream ids. */
export interface EventRange {
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Shown as it is: whoever looks wants to see what is wrong with it.
  }
};

const foreignOf = (delivery: Delivery): unknown => {
  const { foreign } = delivery as { foreign?: readonly string[] };
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < (foreign?.length ?? 0); i += 2) fields[foreign?.[i] as string] = foreign?.[i + 1] as string;
  return fields;
};

const byNewest = (a: StoredEvent, b: StoredEvent): number => {
  const [aMs, aSeq, aIndex = 0] = a.streamId.split(/[-.]/).map(Number) as [number, number, number?];
  const [bMs, bSeq, bIndex = 0] = b.streamId.split(/[-.]/).map(Number) as [number, number, number?];
  return bMs - aMs || bSeq - aSeq || bIndex - aIndex;
};

/** The events of topics, as they are stored. */
@Injectable()
export class TopicEvents {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {}

  /** Newest first, over all partitions. Rejects with `Unavailable`. */
  async newest(topic: string, range: EventRange): Promise<StoredEvent[]> {
    const parts = partitionsOf(topic, this.config.PARTITIONS);
    const each = await Promise.all(
      parts.map((stream) => this.transport.reader.newest(stream, range.from, range.to, range.limit)),
    );
    return each.flat().map(toStored).sort(byNewest).slice(0, range.limit);
  }
}

const toStored = (delivery: Delivery): StoredEvent => ({
  streamId: delivery.position,
  partition: delivery.partition,
  type: delivery.event.type,
  event: delivery.event.json === '' ? foreignOf(delivery) : parsed(delivery.event.json),
});
