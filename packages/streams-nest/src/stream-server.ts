import {
  type Batch,
  type ConsumerOptions,
  type Delivery,
  fixedPartitions,
  type Outcome,
  outcomeOfError,
  type Partitioning,
  type ServeHooks,
  serveBatches,
  servePartitions,
  sharedAbort,
  type Transport,
  Unavailable,
} from '@millrace/streams';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { BATCH_PATTERN } from './batch-handler.js';
import { letErrorsOut } from './handler-errors.js';
import { StreamContext } from './stream-context.js';

export interface StreamServerOptions extends Omit<ConsumerOptions, 'partition'> {
  readonly transport: Transport;
  /** How many partitions to read, from 0: so many, or as many as there are, also when there get more. Default 1. */
  readonly partitions?: number | Partitioning;
  /** Name given to `@BatchHandler`. Default `batch`. */
  readonly pattern?: string;
  readonly hooks?: ServeHooks;
}

type Handler = MessageHandler<unknown, StreamContext>;

/**
 * Nest's side of a consumer group: a microservice whose messages are batches, or single events.
 *
 * With a method marked `@BatchHandler()` every batch goes to it. Without one, every event goes to the method marked
 * `@EventPattern(type)` for its type (or `'*'`), one after the other, parsed: it is acknowledged when the method is done;
 * a `PermanentError` dead-letters it, any other error retries it; events that no method takes are acknowledged.
 *
 * The server does not own the transport: whoever made it closes it, after the server.
 */
export class StreamServer extends Server implements CustomTransportStrategy {
  private readonly stopping = sharedAbort();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: StreamServerOptions) {
    super();
    letErrorsOut();
  }

  override listen(callback: (error?: Error) => void): void {
    const { transport, partitions = 1, pattern = BATCH_PATTERN, hooks } = this.options;
    const handler = this.messageHandlers.get(pattern) as Handler | undefined;
    const handle = handler === undefined ? this.eachEvent : (batch: Batch) => this.wholeBatch(handler, batch);
    const serve = (partition: number) =>
      serveBatches(transport.consumer({ ...this.options, partition }), handle, this.stopping.signal, hooks);
    const all = typeof partitions === 'number' ? fixedPartitions(partitions) : partitions;
    this.running = servePartitions(all, serve, this.stopping.signal);
    callback();
  }

  /** Resolves when the batch in flight is done and the rest was released. */
  override async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  override on(): never {
    throw new Error('a StreamServer has no events to listen to; use its hooks');
  }

  override unwrap<T>(): T {
    return this.options.transport as T;
  }

  private async wholeBatch(handler: Handler, batch: Batch): Promise<void> {
    await this.call(handler, batch, batch.deliveries[0] as Delivery);
  }

  private readonly eachEvent = async (batch: Batch): Promise<void> => {
    for (const delivery of batch.deliveries) {
      const outcome = await this.outcomeOf(delivery);
      await batch.settle(() => outcome, [delivery]);
    }
  };

  private async outcomeOf(delivery: Delivery): Promise<Outcome> {
    const handler = this.messageHandlers.get(delivery.event.type) ?? this.messageHandlers.get('*');
    if (handler === undefined) return { kind: 'ack' };
    try {
      await this.call(handler as Handler, JSON.parse(delivery.event.json), delivery);
      return { kind: 'ack' };
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      const cause = error instanceof Error ? error : new Error(String(error));
      return cause instanceof SyntaxError ? { kind: 'reject', cause } : outcomeOfError(cause);
    }
  }

  // Nest's own `handleEvent` does not wait for a handler's stream, so the acknowledgement would come first.
  private async call(handler: Handler, data: unknown, delivery: Delivery): Promise<void> {
    const context = new StreamContext([delivery]);
    await lastValueFrom(this.transformToObservable(await handler(data, context)), { defaultValue: undefined });
  }
}
