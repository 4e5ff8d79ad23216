import type { CloudEvent } from '@millrace/events';
import type { BatchSpans } from '@millrace/host';
import type { Delivery, StoreCommand } from '@millrace/streams';

/** One event for a sink to write; `T` is its `data` where the sink names a class of it. */
export interface SinkEvent<T = unknown> {
  /**
   * The CloudEvent, parsed by `JSON.parse`: a number that a double does not hold is the nearest one, and its digits are in
   * `delivery.event.json`. For a sink that `takesText`: when it is first asked for, and throws where it is none.
   */
  readonly event: CloudEvent;
  /** Name of the topic that it came from, without prefix. */
  readonly topic: string;
  /**
   * `event.data` as an instance of the sink's `data` class, checked by its decorators. Throws where the sink names none.
   */
  readonly data: T;
  /** Names the event in its topic, the same at every attempt: made of topic, source and id. 43 letters of base64url. */
  readonly key: string;
  /** The CloudEvent as JSON text, its attempt, where it stands. */
  readonly delivery: Delivery;
}

/** What a write may want to know. */
export interface SinkContext {
  /** Aborts when the time for a clean stop is over: what is not written by then is released, uncounted. */
  readonly signal: AbortSignal;
  /**
   * Spans of the batch, where some of its events are of a sampled trace: `spans?.call('INSERT orders', {…})` makes one of a
   * call to the target.
   */
  readonly spans?: Pick<BatchSpans, 'call'> | undefined;
}

/** An event that could not be written: its index in the batch, and why. */
export interface WriteFailure {
  readonly index: number;
  /**
   * A `PermanentError` dead-letters the event. `Unavailable` says that what this event goes to is away, while others go on:
   * it waits, uncounted, and its topic is not read meanwhile unless something else of it arrived (under `ORDER=fifo` it is read
   * on, and waits in flight). Any other error retries it.
   */
  readonly error: Error;
}

/**
 * Where events go. One `write` is in progress at a time for each partition.
 *
 * `write` resolves with nothing when all of the batch is safely there, or with the failures. It throws `Unavailable` when
 * the target is away as a whole: nothing is counted, nothing more is read, and the same batch comes again. Any other error thrown means that the whole
 * batch failed. An event may come more than once (after a crash, or after `Unavailable`), so writing it twice must do no
 * harm: use `source` and `id`. A stop waits for it, to `SHUTDOWN_TIMEOUT`.
 */
export interface Sink<T = unknown> {
  write(batch: readonly SinkEvent<T>[], context: SinkContext): Promise<readonly WriteFailure[] | void>;

  /**
   * True for a sink that takes `delivery.event.json` as it is: nothing is parsed for it, and to refuse what is no
   * CloudEvent is its own. Otherwise such an event is dead-lettered before `write`.
   */
  readonly takesText?: boolean;

  /**
   * Where the target is in the Redis and the slot of the topic itself: a command for each event, in place of `write`. It is
   * run in one step with the event's acknowledgement, so exactly once. An error in place of a command is as in
   * `WriteFailure`. Undefined, or no such method: `write` it is. Throws as `write` does.
   */
  commands?(batch: readonly SinkEvent<T>[]): Promise<readonly (StoreCommand | Error)[] | undefined>;
}
