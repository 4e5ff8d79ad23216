import type { TraceContext } from '@millrace/events';
import type { Delivery, Outcome, Settlement } from '@millrace/streams';

/** What a span says of its subject. Never a secret, never an event's data. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Who reads a stream. */
export interface Reading {
  readonly group: string;
  /** Where that is not the stream that the events first came from. */
  readonly stream?: string;
}

/** A call to what a sink delivers to, while it is in progress. */
export interface CallSpan {
  /** To be sent with the call, so that whoever is called goes on with the trace. */
  readonly context: TraceContext;
  /** To be called once. An error says by its class what went wrong; its message may quote an event and is not kept. */
  end(error?: Error, attributes?: SpanAttributes): void;
}

/**
 * The spans of a batch in flight: one for each trace that its events are of, and, where those are several, one of the batch
 * that has links to them. Either `settled` or `failed` ends them; afterwards all is a no-op.
 */
export interface BatchSpans {
  /** A call on behalf of the batch. `name` has few values: `POST`, `INSERT millrace_events`. */
  call(name: string, attributes: SpanAttributes): CallSpan;
  /** What became of the deliveries; those without an outcome were acknowledged. */
  settled(settlement: Settlement, outcomeOf: (delivery: Delivery) => Outcome | undefined): void;
  /** Nothing became of them: the batch comes again, or its settlement could not be written. */
  failed(error: Error): void;
}

/** Where events are published, and with which spans. */
export interface PublishSpans {
  /** For the events that bring none of their own. */
  readonly context: TraceContext | undefined;
  end(error?: Error): void;
}

/** The span of a request that brings events in. */
export interface RequestSpan {
  /** Events of the request that are appended together, as JSON. */
  publish(stream: string, events: readonly string[]): PublishSpans;
  /** With the status of the answer. */
  end(status: number, attributes?: SpanAttributes): void;
}

/** What is known of a request as it comes in. */
export interface RequestStart {
  readonly method: string;
  readonly route: string;
  /** `http` or `https`. */
  readonly scheme: string;
  /** Of its headers. */
  readonly context: TraceContext | undefined;
}

/** The spans of a process. Where tracing is off, or nothing of what it is given is sampled, there are none. */
export interface Tracing {
  request(start: RequestStart): RequestSpan | undefined;
  /** Spans of deliveries that were handed out together, if any of their events is of a sampled trace. */
  batch(deliveries: readonly Delivery[], reading: Reading): BatchSpans | undefined;
  /** Whether the trace contexts of headers are of interest. */
  readonly propagates: boolean;
  /** Sends what is queued, for two seconds at most. */
  close(): Promise<void>;
}

/** Token of the process's tracing: `@Inject(TRACING) private readonly tracing: Tracing`. */
export const TRACING = Symbol('tracing');

/** No spans at all. */
export const noTracing = (propagates = true): Tracing => ({
  propagates,
  request: () => undefined,
  batch: () => undefined,
  close: async () => undefined,
});
