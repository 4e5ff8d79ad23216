/**
 * The transport contract. A transport stores events in named streams and hands them to consumer groups; every delivery
 * is settled with exactly one outcome. The suite in `@millrace/streams/testing` says the same in tests.
 *
 * Glossary: a *stream* is an ordered log of entries in one partition; an *entry* holds one event, or a frame of several;
 * a *group* is a set of consumers that share a stream; a *delivery* is one event handed to one consumer; to *settle* is
 * to say what became of it.
 */

/** One event as it is stored: its `type` beside the whole CloudEvent as structured JSON text, as it came in. */
export interface StreamedEvent {
  readonly type: string;
  readonly json: string;
}

/**
 * A stream: its name (`in`, `topic:orders`, `again:<group>`, `dead:<group>`, `hook:<endpoint>`) and its partition,
 * counted from 0. Streams of one partition can change together in one atomic step.
 */
export interface StreamName {
  readonly name: string;
  readonly partition: number;
}

/** An entry id (`1795-0`), or for an event of a frame the id and its index in it (`1795-0.3`). */
export type Position = string;

/** One event handed to one consumer. */
export interface Delivery {
  readonly event: StreamedEvent;
  /** 1 at the first try. Counts what was stored with a parked delivery and what a crash cut short. */
  readonly attempt: number;
  /** Where the event stands in the stream it first came from; the same at every attempt. */
  readonly position: Position;
  /** Name of the stream that the event first came from; the same at every attempt, also after a redrive. */
  readonly stream: string;
  readonly partition: number;
  /** Unix milliseconds of the first failure, absent while there was none. */
  readonly firstFailedAt?: number;
}

/** A copy of the event for another stream of the same partition. */
export interface Forward {
  /** The target's name: `topic:orders`. */
  readonly to: string;
  readonly event: StreamedEvent;
  /** Where the event first came from, to be told by deliveries of the copy; for streams that are no topics of their own. */
  readonly from?: Pick<Delivery, 'stream' | 'position'>;
}

/** A command: `['TS.MADD', 'mr:{p0}:series:a', 1795, 20.5]`. */
export interface StoreCommand {
  readonly words: readonly (string | number)[];
  /** Those of the words that are keys which it writes, at most 500. */
  readonly keys: readonly string[];
  /** Commands of one step run from the least to the greatest, as far as an entry is settled whole. Default 0. */
  readonly turn?: number;
}

/** What became of a delivery. */
export type Outcome =
  | { readonly kind: 'ack' }
  /** Append to other streams and acknowledge, as one atomic step. With no targets it is an `ack`. */
  | { readonly kind: 'forward'; readonly to: readonly Forward[] }
  /**
   * Run a command of the store that the streams are in, on keys of their partition, and acknowledge, as one atomic
   * step: exactly once. Only where `features.applies`. What the store refuses is dead-lettered with its words, a part of
   * it too; a key that is not there is a `retry`.
   */
  | { readonly kind: 'apply'; readonly command: StoreCommand }
  /** Again later, counted; after the last attempt it is dead-lettered. `afterMs` overrides the retry schedule. */
  | { readonly kind: 'retry'; readonly cause: Error; readonly afterMs?: number }
  /**
   * Again after `afterMs`, uncounted: what this one is delivered to is away, and the others have nothing to do with it.
   * Where all of a batch has to wait, throwing `Unavailable` keeps it where it is.
   */
  | { readonly kind: 'wait'; readonly cause: Error; readonly afterMs: number }
  /** Dead-letter now. */
  | { readonly kind: 'reject'; readonly cause: Error };

/** What a call of `settle` did. Deliveries in none of the lists took effect as asked. */
export interface Settlement {
  /** No longer ours: another client settled or claimed them. The outcome had no effect. */
  readonly stale: readonly Delivery[];
  /** Parked for another attempt. */
  readonly parked: readonly Delivery[];
  /** Dead-lettered: rejected, out of attempts, or aimed at a stream that cannot take them. */
  readonly dead: readonly Delivery[];
}

/** Deliveries read together. Whoever holds a batch settles it; until then the transport keeps it alive for them. */
export interface Batch {
  readonly deliveries: readonly Delivery[];
  /**
   * Settles `which` (all that are left, without it) in as few round trips as the transport can. May be called again
   * for other deliveries, also while an earlier call is in progress; a delivery that was settled already is skipped.
   * `outcomeOf` is called once for each delivery, with its index in `deliveries`; if it throws, nothing is settled.
   * Rejects with `Unavailable` if the transport cannot be reached; the deliveries are then still unsettled and the call
   * may be repeated.
   */
  settle(outcomeOf: (delivery: Delivery, index: number) => Outcome, which?: readonly Delivery[]): Promise<Settlement>;
}

/** One member of a consumer group. */
export interface Consumer {
  /** Unique among all consumers: `host-pid-start`. */
  readonly name: string;
  /**
   * Reads until the signal aborts, one batch at a time: the next is handed out when the loop asks for it. What is left
   * unsettled when the loop asks again, or when it ends, is released uncounted for anybody to claim. Survives lost
   * connections and lost groups by itself. May be called once.
   */
  batches(signal: AbortSignal): AsyncIterable<Batch>;
}

/** What is kept in order; see `ConsumerOptions.order`. */
export type Order = 'none' | 'stream' | 'key';

/** How a consumer reads and what it does with failures. */
export interface ConsumerOptions {
  readonly group: string;
  /** Streams to read, by name; asked again before every read, so the answer may change. */
  readonly streams: () => readonly string[];
  readonly partition: number;
  /** Most events in a batch, but for a frame, which is not divided. Default 500. */
  readonly maxBatch?: number;
  /**
   * How long to wait for a batch to fill once it has an event, in milliseconds. Default 0: not at all; but a transport may
   * put reads off by a few milliseconds while thousands of events come in a second.
   */
  readonly maxWaitMs?: number;
  /** How long a delivery may stay unsettled and unrenewed before others claim it, in milliseconds. Default 30,000. */
  readonly claimAfterMs?: number;
  /** Attempts before a failing delivery is dead-lettered. Default 5. A redrive gives as many again. */
  readonly maxAttempts?: number;
  /** How long after its first failure a delivery is still tried, in milliseconds. Default 24 hours. */
  readonly maxRetryAgeMs?: number;
  /** Delay in milliseconds before attempt `attempt + 1`. Default: exponential from 1 s, with jitter. */
  readonly retryDelayMs?: (attempt: number) => number;
  /**
   * `none` (the default): consumers share the streams, and a retry is overtaken by what comes after it. `stream`: one
   * consumer at a time reads the partition, in the order of its streams; the others stand by. `key`: besides, events of
   * one partition key are handed out one after the other, through retries too; a batch holds at most one of each key.
   * All consumers of a group have to agree.
   */
  readonly order?: Order;
  /** The hop named in dead letters: `router`, `sink-postgres`. Default: the group. */
  readonly hop?: string;
  /** Prefix of the consumer's name. Default: the host name. */
  readonly name?: string;
}

/** What `append` did with one event. */
export type AppendResult =
  | { readonly status: 'accepted'; readonly position: Position }
  /** An event with the same digest was appended within the window; `position` is the first one's. */
  | { readonly status: 'duplicate'; readonly position: Position }
  /** An event of another type with the same digest was appended within the window, at `position`; this one was not. */
  | { readonly status: 'conflict'; readonly position: Position };

export interface AppendOptions {
  /**
   * For each event the digests that name it; one that was seen within the window makes it a duplicate of an event of its type,
   * and a conflict with one of another type.
   */
  readonly digests?: readonly (readonly string[])[];
  /**
   * Of how many partitions the stream's was chosen. Where the transport knows of another number, or while it is raised,
   * nothing is appended: an event in the wrong partition would be out of the order of its key.
   */
  readonly among?: number;
}

export interface Producer {
  /**
   * Appends in order, as one atomic step for up to 500 events and 1 MiB, in several beyond that. Rejects with
   * `Unavailable` if the transport cannot be reached or is full; then a retry with the same digests appends only what
   * is missing.
   */
  append(stream: StreamName, events: readonly StreamedEvent[], options?: AppendOptions): Promise<AppendResult[]>;
}

/** Reads streams beside the groups; changes nothing. */
export interface Reader {
  /**
   * At most `limit` events from `from` to `to`, both inclusive; `-` and `+` are the ends. With `(` before it, `from` itself is
   * left out. Fewer where they are large, about `mostBytes` of their texts together (4 MiB unless it is given), though one
   * whatever its size: only an empty answer says that there are no more.
   */
  range(stream: StreamName, from: Position, to: Position, limit: number, mostBytes?: number): Promise<Delivery[]>;
  /** The same, the newest first. With `(` before it, `to` itself is left out. */
  newest(stream: StreamName, from: Position, to: Position, limit: number, mostBytes?: number): Promise<Delivery[]>;
  /**
   * Where the oldest, or the newest, of such a range stands, of a frame its entry, without the event; undefined where there is
   * none. In a frame at an end of the range there may be none after all.
   */
  endOf(stream: StreamName, from: Position, to: Position, order: 'oldest' | 'newest'): Promise<Position | undefined>;
  /** Every event after `after` (`$`: those to come) until the signal aborts. */
  tail(stream: StreamName, after: Position, signal: AbortSignal): AsyncIterable<Delivery>;
}

/** How much of a stream is kept: what is beyond either bound goes. */
export interface Retention {
  /** Most events; 0 for no bound. A frame is kept whole. */
  readonly maxLength: number;
  /** Greatest age of an entry in milliseconds; 0 for no bound. */
  readonly maxAgeMs: number;
}

/** One stream to shorten. */
export interface TrimRequest {
  readonly stream: StreamName;
  readonly retention: Retention;
  /** The groups that own what they have not settled. One that is not there is made, at the beginning of the stream. */
  readonly groups: readonly string[];
  /** Goes to the retention even past what the groups own. Default false. */
  readonly force?: boolean;
  /** Those of `groups` that own nothing any more: it goes past what they have not settled, and tells what that was. */
  readonly gone?: readonly string[];
}

/** What a group lost to a forced trim: all from `from` to `to`, whether it had settled it or not. */
export interface ForcedLoss {
  readonly group: string;
  readonly from: Position;
  readonly to: Position;
  readonly count: number;
}

/** What was done with one stream. */
export interface TrimResult {
  readonly stream: StreamName;
  /** Events. */
  readonly trimmed: number;
  readonly losses: readonly ForcedLoss[];
  /** Why no more of it was trimmed: what has it cannot be reached, or does not take it. The other streams were. */
  readonly error?: Error;
}

export interface Trimmer {
  /**
   * Shortens streams to their retention, never past the floor of a group: its oldest entry in flight, else the first that
   * it was not handed yet. Results in order. Rejects with `Unavailable` where nothing could be trimmed; calling it again is
   * no harm.
   */
  trim(requests: readonly TrimRequest[]): Promise<TrimResult[]>;
}

/** Which optional promises a transport makes. The contract suite skips, by name, what is not promised. */
export interface TransportFeatures {
  /** Entries outlive the transport object: a second transport on the same store sees them. */
  readonly shared: boolean;
  /** Takes the outcome `apply`. */
  readonly applies: boolean;
}

export interface Transport {
  readonly features: TransportFeatures;
  readonly producer: Producer;
  readonly reader: Reader;
  readonly trimmer: Trimmer;
  consumer(options: ConsumerOptions): Consumer;
  /** Ends every consumer and tail, then frees the connections. Calling it again is a no-op. */
  close(): Promise<void>;
}
