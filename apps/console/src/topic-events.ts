import { asUnavailable, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { ConsoleConfig } from './console-config.js';
import { partitionsOf } from './observer.js';

/** One stored entry. */
export interface StoredEvent {
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

const fieldsOf = (list: readonly string[]): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < list.length; i += 2) fields.set(list[i] as string, list[i + 1] as string);
  return fields;
};

const byNewest = (a: StoredEvent, b: StoredEvent): number => {
  const [aMs, aSeq] = a.streamId.split('-').map(Number) as [number, number];
  const [bMs, bSeq] = b.streamId.split('-').map(Number) as [number, number];
  return bMs - aMs || bSeq - aSeq;
};

/** The events of topics, as they are stored. */
@Injectable()
export class TopicEvents {
  private readonly redis;

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {
    this.redis = transport.connect('events');
  }

  /** Newest first, over all partitions. Rejects with `Unavailable`. */
  async newest(topic: string, range: EventRange): Promise<StoredEvent[]> {
    const parts = partitionsOf(topic, this.config.PARTITIONS);
    const each = await Promise.all(parts.map(({ name, partition }) => this.ofPartition(name, partition, range)));
    return each.flat().sort(byNewest).slice(0, range.limit);
  }

  private async ofPartition(name: string, partition: number, { from, to, limit }: EventRange): Promise<StoredEvent[]> {
    const key = this.transport.keys.stream({ name, partition });
    const rows = await this.redis.xrevrange(key, to, from, 'COUNT', limit).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    return rows.map(([streamId, list]) => {
      const fields = fieldsOf(list);
      const text = fields.get('event') ?? fields.get('events');
      return {
        streamId,
        partition,
        type: fields.get('type') ?? '',
        event: text === undefined ? Object.fromEntries(fields) : parsed(text),
      };
    });
  }
}
