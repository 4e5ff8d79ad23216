import { JobState } from '../job-state.js';
import { answer, get, inQuery, operation } from '../operation.js';
import {
  anything,
  closed,
  described,
  type Json,
  list,
  ms,
  named,
  number,
  object,
  oneOf,
  orNull,
  real,
  type Schema,
  type Shape,
  text,
  textTo,
  whole,
  yes,
} from '../schema.js';
import { Leaf } from './routes.js';

/** What became of an event at one hop. */
export const TraceState = oneOf('done', 'waiting', 'in-hand', 'parked', 'dead', 'purged', 'paused', 'unknown');
export type TraceState = Shape<typeof TraceState>;

/** One try to route or deliver it. */
export const TraceAttempt = named(
  'TraceAttempt',
  object({
    at: described(ms, 'When it ended, in Unix milliseconds'),
    attempt: number,
    outcome: oneOf('done', 'retry', 'rejected'),
    error: orNull(text),
    message: orNull(text),
    ms: described(orNull(number), 'Duration; null if unknown'),
    status: described(orNull(number), 'Status of the webhook response'),
  }),
);
export type TraceAttempt = Shape<typeof TraceAttempt>;

/** Where a dead letter stands. */
export const LetterRef = object({ group: text, partition: number, id: text });
export type LetterRef = Shape<typeof LetterRef>;

const DELIVERY = {
  state: TraceState,
  at: described(orNull(ms), 'Time of that state; null if unknown'),
  parkedUntil: orNull(ms),
  attempts: list(TraceAttempt),
  deadLetter: orNull(LetterRef),
  redriven: described(number, 'How often it was redriven'),
};

/** What became of an event at one group. */
export const DeliveryTrace = object(DELIVERY);
export type DeliveryTrace = Shape<typeof DeliveryTrace>;

/** A route, and whether it matches the event. */
export const TraceRoute = named(
  'TraceRoute',
  object(
    { name: text, topics: list(text), matched: yes, leaves: list(Leaf) },
    { undecided: described(text, 'Why it is undecided, if matching exceeds the step limit') },
  ),
);
export type TraceRoute = Shape<typeof TraceRoute>;

/** What is known of routing an event of `unrouted` again. */
export const Rerouting = object({
  routedAgain: described(
    orNull(
      object({
        replay: text,
        state: JobState,
        at: ms,
      }),
    ),
    'The newest replay of it',
  ),
  mayRouteAgain: described(yes, 'True if it was not replayed, or the routes have changed since'),
});
export type Rerouting = Shape<typeof Rerouting>;

/** What became of the copy at one sink, or at one endpoint of the webhook sink. */
export const TraceSink = object({ group: text, hop: text, endpoint: orNull(text), ...DELIVERY });
export type TraceSink = Shape<typeof TraceSink>;

/** What became of the copy in one topic. */
export const TraceTopic = object({
  topic: text,
  streamId: described(orNull(text), 'Null if the copy was not found: trimmed, or not routed yet'),
  isSure: described(yes, 'False if the copy may be beyond the part that was searched'),
  partition: number,
  at: orNull(ms),
  transformed: described(yes, 'Whether a transform changed it'),
  rerouting: described(orNull(Rerouting), 'For an event that is only in `unrouted`'),
  sinks: list(TraceSink),
});
export type TraceTopic = Shape<typeof TraceTopic>;

/** The whole way of one event, as far as it is known. */
export const Trace = named(
  'Trace',
  object({
    source: text,
    id: text,
    found: yes,
    inbox: orNull(
      object({
        streamId: text,
        partition: number,
        at: ms,
        retained: described(yes, 'False if it was trimmed'),
      }),
    ),
    event: anything,
    type: orNull(text),
    routing: object({
      ...DELIVERY,
      version: described(
        orNull(number),
        'Version of the stored routes that decided; null if unknown: then the routes are the live ones',
      ),
      changedSince: described(yes, 'The live routes differ from those that decided'),
      routes: list(TraceRoute),
    }),
    topics: list(TraceTopic),
    sample: described(real, 'Share of successful deliveries that is recorded'),
    looked: described(number, 'Stored events searched'),
    next: described(orNull(text), 'Cursor of the rest of the search; null if it is complete'),
  }),
);
export type Trace = Shape<typeof Trace>;

const share: Schema<number> = { ...real, minimum: 0, maximum: 1, description: 'Share of events to record' };

/** How much is recorded beside what fails. */
export const TraceSetting = named('TraceSetting', object({ sample: share, until: orNull(ms) }));
export type TraceSetting = Shape<typeof TraceSetting>;

const attribute = { ...textTo(2048, 'Of the CloudEvent'), minLength: 1 };
export const TraceQuery = object(
  { source: attribute, id: attribute },
  { cursor: textTo(40_000, 'The `next` of an earlier response: continues the search') },
);
export type TraceQuery = Shape<typeof TraceQuery>;

/** How much is to be recorded. */
export const TraceOrder = closed(
  object({ sample: share }, { seconds: whole(1, 31_536_000, { description: 'Duration; without it, until changed' }) }),
);
export type TraceOrder = Shape<typeof TraceOrder>;

export const TRACE_PATHS: Json = {
  '/api/events/trace': {
    get: get(
      'trace',
      'Trace of one event. Events older than the deduplication window are searched for, ten thousand at a time',
      Trace,
      inQuery(TraceQuery),
    ),
  },
  '/api/trace': {
    get: get('traceSetting', 'Trace sampling; failures are always recorded', TraceSetting),
    put: operation('setTrace', 'Sets the trace sampling, for a duration or until changed', {
      body: TraceOrder,
      answers: { 200: answer('The current setting', TraceSetting) },
    }),
  },
};
