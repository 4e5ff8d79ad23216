import {
  fixedPartitions,
  INBOX,
  type Partitioning,
  partitionOf,
  type StreamedEvent,
  type Transport,
} from '@millrace/streams';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';

export interface StreamClientOptions {
  readonly transport: Transport;
  /** How many there are: fixed, or now. Default 1. */
  readonly partitions?: number | Partitioning;
}

/** A CloudEvent to emit; what else it holds goes along. */
export interface EmittedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly partitionkey?: string;
}

/**
 * Nest's side of a producer: `client.emit('in', event)` appends a CloudEvent to the stream of that name. The event's
 * partition is chosen by `partitionkey`, else `subject`, else source and id. Await it (`lastValueFrom`) to know that it
 * was stored; a failure that nobody waits for is logged. There is no `send`: nobody answers an event.
 */
export class StreamClient extends ClientProxy {
  private readonly logger = new Logger(StreamClient.name);

  constructor(private readonly options: StreamClientOptions) {
    super();
  }

  override async connect(): Promise<void> {
    // The transport connects by itself.
  }

  override close(): void {
    // Whoever made the transport closes it.
  }

  override unwrap<T>(): T {
    return this.options.transport as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({ err: new Error(`${packet.pattern}: events have no answer, so use emit and not send`) });
    return () => undefined;
  }

  protected override async dispatchEvent<T = unknown>(packet: ReadPacket<EmittedEvent>): Promise<T> {
    const stream = String(packet.pattern || INBOX);
    const { id, source, type, subject, partitionkey } = packet.data;
    const { partitions = 1 } = this.options;
    const { count: among } = typeof partitions === 'number' ? fixedPartitions(partitions) : partitions;
    const partition = partitionOf(partitionkey ?? subject ?? `${source}\n${id}`, among);
    const event: StreamedEvent = { type, json: JSON.stringify({ specversion: '1.0', ...packet.data }) };
    try {
      const [result] = await this.options.transport.producer.append({ name: stream, partition }, [event], {
        ...(typeof partitions === 'number' ? {} : { among }),
      });
      return result as T;
    } catch (error) {
      this.logger.error(`${stream}: event ${id} was not stored: ${(error as Error).message}`);
      throw error;
    }
  }
}
