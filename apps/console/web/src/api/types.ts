/** Answers of the admin API, as `/docs` describes them. Times are Unix milliseconds. */

// What the console itself declares without importing anything is not written a second time.
import type { LabView } from '../../../src/lab/lab.js';
import type { ReplayView } from '../../../src/replays/replay.js';
import type { RouteVerdict, SinkTrace, TopicTrace } from '../../../src/trace/trace.js';

export type { Attempt as WebhookAttempt } from '@millrace/endpoints';
export type { RouteChange, RouteVersion } from '@millrace/routes';
export type { LetterRef, Trace, TraceAttempt, TraceState } from '../../../src/trace/trace.js';
export type Lab = LabView;
export type Replay = ReplayView;
export type TraceRoute = RouteVerdict;
export type TraceSink = SinkTrace;
export type TraceTopic = TopicTrace;

export type Role = 'read' | 'operate' | 'admin';

export interface Me {
  readonly name: string;
  readonly role: Role;
  readonly auth: 'on' | 'off';
}

export interface Summary {
  readonly at: number;
  readonly inbox: number;
  readonly topics: number;
  readonly events: number;
  readonly lag: number;
  readonly pending: number;
  readonly parked: number;
  readonly deadLetters: number;
  readonly memory: { readonly used: number; readonly max: number } | null;
  readonly oldestWaitingAt: number | null;
  readonly duplicates: number;
  readonly accepted: number;
  readonly retries: number;
  readonly topicsBytes: number | null;
}

export interface StreamGroup {
  readonly group: string;
  readonly lag: number;
  readonly pending: number;
  readonly consumers: number;
}

export interface Stream {
  readonly name: string;
  readonly length: number;
  readonly bytes: number | null;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Entries ever added: rates come from it. */
  readonly added: number;
  readonly groups: readonly StreamGroup[];
}

export interface TopicDetail extends Omit<Stream, 'groups'> {
  readonly partitions: readonly {
    readonly partition: number;
    readonly length: number;
    readonly bytes: number | null;
    readonly firstId: string | null;
    readonly lastId: string | null;
  }[];
  readonly groups: readonly {
    readonly group: string;
    /** Null: not registered, a scratch group. */
    readonly hop: string | null;
    readonly lag: number;
    readonly pending: number;
    readonly oldestPendingAt: number | null;
    readonly consumers: readonly {
      readonly name: string;
      readonly pending: number;
      readonly idleMs: number;
      readonly partition: number;
    }[];
  }[];
}

export interface StoredEvent {
  readonly streamId: string;
  readonly partition: number;
  readonly at: number;
  readonly type: string;
  /** The parsed JSON; text where it is none; the fields of an entry that holds no event. */
  readonly event: unknown;
}

export interface StoredEventDetail extends StoredEvent {
  readonly json: string | null;
  readonly bytes: number;
  readonly fields: readonly (readonly [string, string])[];
}

/** A part of a list, and how far it was looked for. */
export interface Page {
  readonly next: string | null;
  readonly looked: number;
  /** Unix milliseconds of the last that was looked at. */
  readonly reachedAt: number | null;
  /** How many there are to look at. */
  readonly total: number;
  /** Of which it cannot be told whether they match: that takes too many steps. */
  readonly undecided?: number;
}

export interface EventPage extends Page {
  readonly events: readonly StoredEvent[];
}

export interface Sink {
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

export interface DeadLetter {
  readonly id: string;
  readonly partition: number;
  readonly hop: string;
  readonly group: string;
  readonly consumer: string;
  readonly stream: string;
  readonly position: string;
  readonly error: string;
  readonly message: string;
  readonly attempts: number;
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  readonly history: readonly { readonly at: number; readonly attempt: number; readonly error: string }[];
  readonly event: string | null;
  readonly stack?: string;
}

export interface DeadLetterGroup {
  readonly group: string;
  readonly hop: string;
  readonly error: string;
  readonly message: string;
  readonly count: number;
  /** False: there are at least so many. */
  readonly isExact: boolean;
  readonly newestAt: number;
  readonly oldestAt: number;
  readonly streams: readonly string[];
}

/** What is left out does not matter. */
export interface DeadLetterFilter {
  readonly hop?: string;
  readonly group?: string;
  readonly error?: string;
  readonly stream?: string;
  readonly type?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface Redrive {
  readonly id: string;
  readonly filter: DeadLetterFilter;
  readonly perSecond: number;
  readonly startedAt: number;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly matched: number;
  readonly redriven: number;
  readonly withoutPayload: number;
  readonly error?: string;
}

/** What `/api/live` says each second. */
export interface Snapshot {
  readonly summary: Summary;
  readonly inbox: Stream;
  readonly topics: readonly Stream[];
  readonly sinks: readonly Sink[];
  readonly deadLetters: readonly DeadLetter[];
  readonly redrives: readonly Redrive[];
  readonly replays: readonly Replay[];
}

export interface Leaf {
  readonly path: string;
  readonly accepts: string;
  readonly passed: boolean;
  readonly seen: readonly unknown[];
}

/** Why a pattern matches an event, or does not. */
export interface Explanation {
  readonly matched: boolean;
  readonly alternatives: readonly {
    readonly matched: boolean;
    readonly leaves: readonly Leaf[];
    readonly inDifferentElements: boolean;
  }[];
  readonly leftOut?: number;
}

export interface TraceSettings {
  readonly sample: number;
  readonly until: number | null;
}

export interface WrittenRoute {
  readonly name: string;
  readonly pattern?: unknown;
  readonly filters?: unknown;
  readonly topics: unknown;
  readonly priority?: unknown;
  readonly transform?: unknown;
}

export interface RouteView {
  readonly route: WrittenRoute;
  readonly origin: 'file' | 'redis';
  readonly isHidden: boolean;
}

export interface Routes {
  readonly version: number;
  readonly routes: readonly RouteView[];
  readonly drafts: readonly WrittenRoute[];
  readonly invalid: readonly string[];
}

export interface ShadowReport {
  readonly events: number;
  readonly matched: number;
  readonly inForce: Readonly<Record<string, number>>;
  readonly withDraft: Readonly<Record<string, number>>;
  readonly different: number;
  readonly differences: readonly {
    readonly position: string;
    readonly partition: number;
    readonly type: string;
    readonly less: readonly string[];
    readonly more: readonly string[];
  }[];
  readonly transform?: { readonly tried: number; readonly failed: number; readonly errors: readonly string[] };
  readonly microseconds: { readonly inForce: number; readonly withDraft: number };
  readonly undecodable: number;
  readonly undecided: number;
  readonly complete: boolean;
}

export interface WrittenEndpoint {
  readonly name?: string;
  readonly url?: unknown;
  readonly secret?: unknown;
  readonly signed?: unknown;
  readonly topics?: unknown;
  readonly pattern?: unknown;
  readonly format?: unknown;
  readonly headers?: unknown;
  readonly timeout?: unknown;
  readonly rate?: unknown;
  readonly enabled?: unknown;
}

export interface EndpointView {
  readonly name: string;
  /** Null: it is in a sink's file or environment. */
  readonly endpoint: WrittenEndpoint | null;
  /** What it gets, as the sink says that serves it; null where none does. */
  readonly about: {
    readonly source: 'file' | 'environment' | 'Redis';
    readonly topics: '*' | readonly string[];
    readonly pattern?: string;
  } | null;
  /** Why it gets less than it seems. */
  readonly warnings: readonly string[];
  readonly state: {
    readonly offAt?: number;
    readonly offReason?: string;
    readonly failingSince?: number;
    readonly failure?: string;
    readonly openUntil?: number;
  };
  readonly waiting: number;
  readonly deadLetters: number;
}

/** What a change of an endpoint did. */
export interface SavedEndpoint {
  readonly version: number;
  readonly created: boolean;
  readonly changed: boolean;
  readonly secret?: string;
  readonly warnings: readonly string[];
}

export interface Endpoints {
  readonly version: number;
  readonly endpoints: readonly EndpointView[];
}

export interface SeriesPoints {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly timestampMs: number; readonly value: number }[];
}

export interface SeriesLabels {
  readonly metrics: readonly string[];
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  readonly who: string;
  readonly action: string;
  readonly detail: unknown;
}

export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'refuse' | 'unknown';
  readonly detail: string;
}

/** What a replay would send. */
export interface DryRun {
  readonly matched: number;
  readonly leftOut: number;
  readonly looked: number;
  readonly complete: boolean;
  /** Why what is sent would wait, each a sentence. */
  readonly warnings: readonly string[];
}
