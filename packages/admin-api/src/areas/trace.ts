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
    ms: described(orNull(number), 'How long it took; null where that is not known'),
    status: described(orNull(number), 'Of the answer to a webhook'),
  }),
);
export type TraceAttempt = Shape<typeof TraceAttempt>;

/** Where a dead letter stands. */
export const LetterRef = object({ group: text, partition: number, id: text });
export type LetterRef = Shape<typeof LetterRef>;

const DELIVERY = {
  state: TraceState,
  at: described(orNull(ms), 'When it came to that; null where that is not known'),
  parkedUntil: orNull(ms),
  attempts: list(TraceAttempt),
  deadLetter: orNull(LetterRef),
  redriven: described(number, 'How often it was sent again from the dead letters'),
};

/** What became of an event at one group. */
export const DeliveryTrace = object(DELIVERY);
export type DeliveryTrace = Shape<typeof DeliveryTrace>;

/** A route, and whether it matches the event. */
export const TraceRoute = named(
  'TraceRoute',
  object(
    { name: text, topics: list(text), matched: yes, leaves: list(Leaf) },
    { undecided: described(text, 'Why it cannot be told, where that takes more steps than it may') },
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
    'The newest replay that it is of',
  ),
  mayRouteAgain: described(yes, 'There was no such replay, or other routes are live since'),
});
export type Rerouting = Shape<typeof Rerouting>;

/** What became of the copy at one sink, or at one endpoint of the webhook sink. */
export const TraceSink = object({ group: text, hop: text, endpoint: orNull(text), ...DELIVERY });
export type TraceSink = Shape<typeof TraceSink>;

/** What became of the copy in one topic. */
export const TraceTopic = object({
  topic: text,
  streamId: described(orNull(text), 'Null where the copy was not found: it was trimmed, or is not there yet'),
  isSure: described(yes, 'False where it may be there all the same, further on than was looked'),
  partition: number,
  at: orNull(ms),
  transformed: described(yes, 'Whether a transform made something else of it'),
  rerouting: described(orNull(Rerouting), 'Of an event that is in `unrouted` alone'),
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
        retained: described(yes, 'False where it was trimmed'),
      }),
    ),
    event: anything,
    type: orNull(text),
    routing: object({
      ...DELIVERY,
      version: described(
        orNull(number),
        'Of the stored routes that decided; null where that is not known: the routes are those of now',
      ),
      changedSince: described(yes, 'The routes in force now are others than those that decided'),
      routes: list(TraceRoute),
    }),
    topics: list(TraceTopic),
    sample: described(real, 'Share of the deliveries that did not fail of which there are records'),
    looked: described(number, 'Stored events that were looked at'),
    next: described(orNull(text), 'Where the search goes on that has not found it so far'),
  }),
);
export type Trace = Shape<typeof Trace>;

const share: Schema<number> = { ...real, minimum: 0, maximum: 1, description: 'Share of the events' };

/** How much is recorded beside what fails. */
export const TraceSetting = named('TraceSetting', object({ sample: share, until: orNull(ms) }));
export type TraceSetting = Shape<typeof TraceSetting>;

const attribute = { ...textTo(2048, 'Of the CloudEvent'), minLength: 1 };
export const TraceQuery = object(
  { source: attribute, id: attribute },
  { cursor: textTo(40_000, 'The `next` of an earlier answer: goes on looking') },
);
export type TraceQuery = Shape<typeof TraceQuery>;

/** How much is to be recorded. */
export const TraceOrder = closed(
  object(
    { sample: share },
    { seconds: whole(1, 31_536_000, { description: 'How long; without it until somebody says otherwise' }) },
  ),
);
export type TraceOrder = Shape<typeof TraceOrder>;

export const TRACE_PATHS: Json = {
  '/api/events/trace': {
    get: get(
      'trace',
      'The whole way of one event, as far as it is known. Beyond the deduplication window it is looked for, ten thousand events at a time',
      Trace,
      inQuery(TraceQuery),
    ),
  },
  '/api/trace': {
    get: get('traceSetting', 'How much is recorded beside what fails', TraceSetting),
    put: operation('setTrace', 'Records a share of all events, for a time or until somebody says otherwise', {
      body: TraceOrder,
      answers: { 200: answer('What is so now', TraceSetting) },
    }),
  },
};
