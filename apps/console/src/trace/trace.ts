import type { JobState } from '../jobs/job.js';

/** A replay that hands, or handed, an event of `unrouted` to the router once more. */
export interface RoutedAgain {
  readonly replay: string;
  readonly state: JobState;
  /** Unix milliseconds at which it was started. */
  readonly at: number;
}

/** What is known of routing an event of `unrouted` again. */
export interface Rerouting {
  /** The newest replay that it is of; null where it is of none. */
  readonly routedAgain: RoutedAgain | null;
  /** Whether another one may come to something: there was none, or other routes are live since. */
  readonly mayRouteAgain: boolean;
}

/** What became of an event at one hop. */
export type TraceState = 'done' | 'waiting' | 'in-hand' | 'parked' | 'dead' | 'purged' | 'paused' | 'unknown';

/** One try to route or deliver it. */
export interface TraceAttempt {
  /** Unix milliseconds at which it ended. */
  readonly at: number;
  readonly attempt: number;
  readonly outcome: 'done' | 'retry' | 'rejected';
  /** Class and message of what failed. */
  readonly error: string | null;
  readonly message: string | null;
  /** How long it took, in milliseconds; null where that is not known. */
  readonly ms: number | null;
  /** Of the answer to a webhook. */
  readonly status: number | null;
}

/** Where a dead letter stands. */
export interface LetterRef {
  readonly group: string;
  readonly partition: number;
  readonly id: string;
}

/** What became of an event at one group. */
export interface DeliveryTrace {
  readonly state: TraceState;
  /** Unix milliseconds at which it came to that; null where that is not known. */
  readonly at: number | null;
  readonly parkedUntil: number | null;
  readonly attempts: readonly TraceAttempt[];
  readonly deadLetter: LetterRef | null;
  /** How often it was sent again from the dead letters. */
  readonly redriven: number;
}

/** A test of a pattern, and how it went. */
export interface TraceLeaf {
  readonly path: string;
  readonly accepts: string;
  readonly passed: boolean;
  readonly seen: readonly unknown[];
}

/** A route in force, and whether it matches the event. */
export interface RouteVerdict {
  readonly name: string;
  readonly topics: readonly string[];
  readonly matched: boolean;
  readonly leaves: readonly TraceLeaf[];
  /** Why it cannot be told whether it matches, or not in full: that takes more steps than it may. */
  readonly undecided?: string;
}

/** What became of the copy in one topic. */
export interface TopicTrace {
  readonly topic: string;
  /** Null where the copy was not found: it was trimmed, or is not there yet. */
  readonly streamId: string | null;
  /** False where it was not found and may be there all the same, further on than was looked. */
  readonly isSure: boolean;
  readonly partition: number;
  readonly at: number | null;
  /** Whether a transform made something else of it. */
  readonly transformed: boolean;
  /** Of an event that stands in `unrouted` and nowhere else: whether it was routed again, and whether it may be; else null. */
  readonly rerouting: Rerouting | null;
  readonly sinks: readonly SinkTrace[];
}

/** What became of the copy at one sink, or at one endpoint of the webhook sink. */
export interface SinkTrace extends DeliveryTrace {
  readonly group: string;
  readonly hop: string;
  readonly endpoint: string | null;
}

/** The whole way of one event, as far as it is known. */
export interface Trace {
  readonly source: string;
  readonly id: string;
  readonly found: boolean;
  readonly inbox: {
    readonly streamId: string;
    readonly partition: number;
    readonly at: number;
    /** False where it was trimmed. */
    readonly retained: boolean;
  } | null;
  readonly event: unknown;
  readonly type: string | null;
  readonly routing: DeliveryTrace & {
    /** Of the stored routes that decided; null where it was not routed yet, or that is not known any more. */
    readonly version: number | null;
    /** The routes in force now are others than those that decided. */
    readonly changedSince: boolean;
    /** Those that decided; where that is not known, or nothing was decided yet, those in force. */
    readonly routes: readonly RouteVerdict[];
  };
  readonly topics: readonly TopicTrace[];
  /** Share of the deliveries that did not fail of which there are records. */
  readonly sample: number;
  /** Stored events that were looked at. */
  readonly looked: number;
  /** Where the search goes on that has not found it so far; null where it was found, or all was looked through. */
  readonly next: string | null;
}

/** An event where it first came from: in the inbox, or as a copy in a topic. */
export interface Origin {
  readonly stream: string;
  readonly position: string;
  readonly partition: number;
}
