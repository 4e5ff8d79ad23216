import { JobState } from '../job-state.js';
import * as op from '../operation.js';
import * as s from '../schema.js';
import { Leaf } from './routes.js';

/** What became of an event at one hop. */
export const TraceState = s.oneOf('done', 'waiting', 'in-hand', 'parked', 'dead', 'purged', 'paused', 'unknown');
export type TraceState = s.Shape<typeof TraceState>;

/** One try to route or deliver it. */
export const TraceAttempt = s.model('TraceAttempt', {
  at: s.described(s.ms, 'When it ended, in Unix milliseconds'),
  attempt: s.number,
  outcome: s.oneOf('done', 'retry', 'rejected'),
  error: s.orNull(s.text),
  message: s.orNull(s.text),
  ms: s.described(s.orNull(s.number), 'Duration; null if unknown'),
  status: s.described(s.orNull(s.number), 'Status of the webhook response'),
});
export type TraceAttempt = s.Shape<typeof TraceAttempt>;

/** Where a dead letter stands. */
export const LetterRef = s.object({ group: s.text, partition: s.number, id: s.text });
export type LetterRef = s.Shape<typeof LetterRef>;

const DELIVERY = {
  state: TraceState,
  at: s.described(s.orNull(s.ms), 'Time of that state; null if unknown'),
  parkedUntil: s.orNull(s.ms),
  attempts: s.list(TraceAttempt),
  deadLetter: s.orNull(LetterRef),
  redriven: s.described(s.number, 'How often it was redriven'),
};

/** What became of an event at one group. */
export const DeliveryTrace = s.object(DELIVERY);
export type DeliveryTrace = s.Shape<typeof DeliveryTrace>;

/** A route, and whether it matches the event. */
export const TraceRoute = s.model(
  'TraceRoute',
  { name: s.text, topics: s.list(s.text), matched: s.yes, leaves: s.list(Leaf) },
  { undecided: s.described(s.text, 'Why it is undecided, if matching exceeds the step limit') },
);
export type TraceRoute = s.Shape<typeof TraceRoute>;

/** What is known of routing an event of `unrouted` again. */
export const Rerouting = s.object({
  routedAgain: s.described(
    s.orNull(
      s.object({
        replay: s.text,
        state: JobState,
        at: s.ms,
      }),
    ),
    'The newest replay of it',
  ),
  mayRouteAgain: s.described(s.yes, 'True if it was not replayed, or the routes have changed since'),
});
export type Rerouting = s.Shape<typeof Rerouting>;

/** What became of the copy at one sink, or at one endpoint of the webhook sink. */
export const TraceSink = s.object({ group: s.text, hop: s.text, endpoint: s.orNull(s.text), ...DELIVERY });
export type TraceSink = s.Shape<typeof TraceSink>;

/** What became of the copy in one topic. */
export const TraceTopic = s.object({
  topic: s.text,
  streamId: s.described(s.orNull(s.text), 'Null if the copy was not found: trimmed, or not routed yet'),
  isSure: s.described(s.yes, 'False if the copy may be beyond the part that was searched'),
  partition: s.number,
  at: s.orNull(s.ms),
  transformed: s.described(s.yes, 'Whether a transform changed it'),
  rerouting: s.described(s.orNull(Rerouting), 'For an event that is only in `unrouted`'),
  sinks: s.list(TraceSink),
});
export type TraceTopic = s.Shape<typeof TraceTopic>;

/** The whole way of one event, as far as it is known. */
export const Trace = s.model('Trace', {
  source: s.text,
  id: s.text,
  found: s.yes,
  inbox: s.orNull(
    s.object({
      streamId: s.text,
      partition: s.number,
      at: s.ms,
      retained: s.described(s.yes, 'False if it was trimmed'),
    }),
  ),
  event: s.anything,
  type: s.orNull(s.text),
  routing: s.object({
    ...DELIVERY,
    version: s.described(
      s.orNull(s.number),
      'Version of the stored routes that decided; null if unknown: then the routes are the live ones',
    ),
    changedSince: s.described(s.yes, 'The live routes differ from those that decided'),
    routes: s.list(TraceRoute),
  }),
  topics: s.list(TraceTopic),
  sample: s.described(s.real, 'Share of successful deliveries that is recorded'),
  looked: s.described(s.number, 'Stored events searched'),
  next: s.described(s.orNull(s.text), 'Cursor of the rest of the search; null if it is complete'),
});
export type Trace = s.Shape<typeof Trace>;

const share: s.Schema<number> = { ...s.real, minimum: 0, maximum: 1, description: 'Share of events to record' };

/** How much is recorded beside what fails. */
export const TraceSetting = s.model('TraceSetting', { sample: share, until: s.orNull(s.ms) });
export type TraceSetting = s.Shape<typeof TraceSetting>;

const attribute = { ...s.textTo(2048, 'Of the CloudEvent'), minLength: 1 };
export const TraceQuery = s.object(
  { source: attribute, id: attribute },
  { cursor: s.textTo(40_000, 'The `next` of an earlier response: continues the search') },
);
export type TraceQuery = s.Shape<typeof TraceQuery>;

/** How much is to be recorded. */
export const TraceOrder = s.closed(
  { sample: share },
  { seconds: s.whole(1, 31_536_000, { description: 'Duration; without it, until changed' }) },
);
export type TraceOrder = s.Shape<typeof TraceOrder>;

export const TRACE_PATHS: s.Json = {
  '/api/events/trace': {
    get: op.get(
      'trace',
      'Trace of one event. Events older than the deduplication window are searched for, ten thousand at a time',
      Trace,
      op.inQuery(TraceQuery),
    ),
  },
  '/api/trace': {
    get: op.get('traceSetting', 'Trace sampling; failures are always recorded', TraceSetting),
    put: op.operation('setTrace', 'Sets the trace sampling, for a duration or until changed', {
      body: TraceOrder,
      answers: { 200: op.answer('The current setting', TraceSetting) },
    }),
  },
};
