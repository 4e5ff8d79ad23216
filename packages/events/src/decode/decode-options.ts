import type { EventError } from '../event-error.js';

/** An event as the gateway appends it. */
export interface IncomingEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The `partitionkey` extension, else `subject`, else the idempotency key, else `source`, a newline and `id`. */
  readonly partitionKey: string;
  /** The whole event as structured CloudEvents JSON: as it came in, on one line, with what it left out filled in. */
  readonly json: string;
}

/** What became of one event of a request. `id` of a rejected one is there where it could be read. */
export type Decoded =
  | { readonly ok: true; readonly event: IncomingEvent }
  | { readonly ok: false; readonly id?: string; readonly error: EventError };

/**
 * What a scan has seen of events that are not decoded: so many there are, and whoever has no use for them does not pay for
 * decoding them.
 */
export interface Undecoded {
  readonly count: number;
  /**
   * Results in order, a part at a time: to decode one takes some milliseconds, or an event of any size. They end before
   * rejections outnumber events by more than `excess`. To be called once.
   */
  decode(excess?: number): Iterable<readonly Decoded[]>;
}

/** How to decode. */
export interface DecodeOptions {
  /** The `source` of plain events that have none. */
  readonly defaultSource: string;
  /** The `time` of plain events that have none; asked once a request (NDJSON: once a chunk). */
  now(): Date;
  /** The `id` of plain events that have none, where there is no idempotency key: `timeOrderedId`. */
  newId(): string;
  /** Missing ids of plain events derive from it: the key itself for a single event, else `key/index`. */
  readonly idempotencyKey?: string | undefined;
  /** Whose the key is: two senders may choose the same one. Stands, behind a `.`, in the ids that derive from it. */
  readonly keyOwner?: string | undefined;
  /** Most events in an array; no bound without it. NDJSON is a stream and not bound by it. */
  readonly maxEvents?: number | undefined;
  /** Largest event in bytes as it came in (binary mode: as it is stored). Default 1 MiB. */
  readonly maxEventBytes?: number | undefined;
}

/** Request headers, names in lower case, as Node has them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;
