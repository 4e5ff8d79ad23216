/** What the admin API answers, as far as commands look into it. Times are Unix milliseconds. */

/** One thing that was examined. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'refuse' | 'unknown';
  readonly detail: string;
}

/** A topic or the inbox, all its partitions together. */
export interface StreamView {
  readonly name: string;
  readonly length: number;
  readonly bytes: number | null;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Entries that were ever added. */
  readonly added: number;
  readonly groups: readonly { group: string; lag: number; pending: number; consumers: number }[];
}

/** One of them, looked at closely. */
export interface StreamDetail extends Omit<StreamView, 'groups'> {
  readonly partitions: readonly {
    partition: number;
    length: number;
    bytes: number | null;
    firstId: string | null;
    lastId: string | null;
  }[];
  readonly groups: readonly {
    group: string;
    hop: string | null;
    lag: number;
    pending: number;
    oldestPendingAt: number | null;
    consumers: readonly { name: string; pending: number; idleMs: number; partition: number }[];
  }[];
}

/** A thing after it was to be changed; false: it was so already. A console before this version does not say. */
export type Changed<T> = T & { readonly changed?: boolean };

/** A consumer group that is registered. */
export interface SinkView {
  readonly name: string;
  readonly hop: string;
  readonly streams: readonly string[];
  readonly lag: number;
  readonly pending: number;
  readonly parked: number;
  readonly deadLetters: number;
  readonly seenAt: number;
  readonly paused: { readonly at: number; readonly who: string } | null;
  readonly consumers: number;
  readonly oldestWaitingAt: number | null;
}

/** An event where it is stored. */
export interface StoredEvent {
  readonly streamId: string;
  readonly partition: number;
  readonly at: number;
  readonly type: string;
  readonly event: unknown;
}

/** A dead letter. */
export interface DeadLetter {
  readonly id: string;
  readonly partition: number;
  readonly hop: string;
  readonly group: string;
  readonly consumer: string;
  readonly stream: string;
  readonly position: string;
  readonly type?: string;
  readonly error: string;
  readonly message: string;
  readonly stack?: string;
  readonly attempts: number;
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  readonly history: readonly { at: number; attempt: number; error: string; message?: string }[];
  readonly event: string | null;
}

/** A redrive of many dead letters. */
export interface Redrive {
  readonly id: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly matched: number;
  readonly redriven: number;
  readonly withoutPayload: number;
  readonly error?: string;
}

/** A replay of a part of a topic to a sink. */
export interface Replay {
  readonly id: string;
  readonly topic: string;
  readonly sink: string;
  readonly from: string | number | null;
  readonly to: string | number | null;
  readonly pattern: object | null;
  readonly perSecond: number;
  readonly who: string;
  readonly createdAt: number;
  readonly state: 'running' | 'paused' | 'done' | 'cancelled' | 'failed';
  readonly total: number;
  readonly looked: number;
  readonly sent: number;
  readonly error: string | null;
}

/** An endpoint of the webhook sink. */
export interface Endpoint {
  readonly name: string;
  readonly endpoint: Readonly<Record<string, unknown>> | null;
  readonly state: {
    readonly offAt?: number;
    readonly offReason?: string;
    readonly failingSince?: number;
    readonly failure?: string;
    readonly openUntil?: number;
  };
  readonly waiting: number;
  readonly deadLetters: number;
  /** Why it gets less than it seems. */
  readonly warnings: readonly string[];
}

/** What a change of an endpoint did. */
export interface SavedEndpoint {
  readonly version: number;
  readonly created: boolean;
  readonly changed?: boolean;
  readonly secret?: string;
  readonly warnings: readonly string[];
}

/** One request to an endpoint. */
export interface EndpointAttempt {
  readonly at: number;
  readonly attempt: number;
  readonly type: string;
  readonly source: string;
  readonly id: string;
  readonly ms: number;
  readonly status?: number;
  readonly failure?: string;
}

/** What was done by hand. */
export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  readonly who: string;
  readonly action: string;
  readonly detail: unknown;
}

/** Where an event is with a hop. */
export type TraceState = 'done' | 'waiting' | 'in-hand' | 'parked' | 'dead' | 'purged' | 'paused' | 'unknown';

/** One try of a hop with an event. */
export interface TraceAttempt {
  readonly at: number;
  readonly attempt: number;
  readonly outcome: 'done' | 'retry' | 'rejected';
  readonly error: string | null;
  readonly message: string | null;
  readonly ms: number | null;
  readonly status: number | null;
}

/** Where a dead letter stands. */
export interface LetterRef {
  readonly group: string;
  readonly partition: number;
  readonly id: string;
}

/** One field that a pattern asks for. */
export interface Leaf {
  readonly path: string;
  readonly accepts: string;
  readonly passed: boolean;
  readonly seen: readonly unknown[];
}

/** What one route said of an event. */
export interface TracedRoute {
  readonly name: string;
  readonly topics: readonly string[];
  readonly matched: boolean;
  readonly leaves: readonly Leaf[];
}

/** What a sink did with it. */
export interface TracedSink {
  readonly group: string;
  readonly hop: string;
  readonly endpoint: string | null;
  readonly state: TraceState;
  readonly at: number | null;
  readonly parkedUntil: number | null;
  readonly attempts: readonly TraceAttempt[];
  readonly deadLetter: LetterRef | null;
  readonly redriven: number;
}

/** The whole way of one event. */
export interface Trace {
  readonly source: string;
  readonly id: string;
  readonly found: boolean;
  readonly inbox: { streamId: string; partition: number; at: number; retained: boolean } | null;
  readonly event: unknown;
  readonly type: string | null;
  readonly routing: {
    readonly state: TraceState;
    readonly at: number | null;
    readonly attempts: readonly TraceAttempt[];
    readonly deadLetter: LetterRef | null;
    /** Of the routes that decided; null where that is not known, and the routes are those of now. */
    readonly version?: number | null;
    readonly changedSince: boolean;
    readonly routes: readonly TracedRoute[];
  };
  readonly topics: readonly {
    readonly topic: string;
    readonly streamId: string | null;
    readonly isSure: boolean;
    readonly partition: number;
    readonly at: number | null;
    readonly transformed: boolean;
    /** Of an event that is in `unrouted` alone. */
    readonly rerouting?: {
      readonly routedAgain: { replay: string; state: string; at: number } | null;
      readonly mayRouteAgain: boolean;
    } | null;
    readonly sinks: readonly TracedSink[];
  }[];
  readonly sample: number;
  readonly looked: number;
  /** Where the search goes on that has not found it so far. */
  readonly next: string | null;
}

/** An API key in Redis, without its secrets. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly sources?: readonly string[];
  readonly types?: readonly string[];
  readonly expiresAt?: number;
  readonly rateLimit?: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** When its newest token was made. */
  readonly rotatedAt: number;
  /** When the last of those before it stops. */
  readonly oldUntil?: number;
  readonly isExpired: boolean;
}

/** One that was just made, or rotated. */
export interface MadeApiKey {
  readonly token: string;
  readonly key: ApiKey;
  readonly version: number;
  /** Why it protects nothing; none where it does. */
  readonly warnings: readonly string[];
}
