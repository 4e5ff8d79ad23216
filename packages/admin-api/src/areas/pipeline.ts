import { events, get, operation } from '../operation.js';
import { described, type Json, list, ms, named, number, object, oneOf, orNull, type Shape, text } from '../schema.js';
import { DeadLetter, Redrive } from './dead-letters.js';
import { Replay } from './replays.js';
import { Sink } from './sinks.js';
import { Stream } from './topics.js';

/** Numbers of the whole pipeline. */
export const Summary = named(
  'Summary',
  object({
    at: ms,
    inbox: described(number, 'Events in the inbox'),
    accepted: described(number, 'Events accepted in total'),
    topics: number,
    events: described(number, 'Events in topics'),
    topicsBytes: orNull(number),
    lag: number,
    pending: number,
    parked: number,
    deadLetters: number,
    oldestWaitingAt: described(orNull(ms), 'Time of the oldest event that a consumer group has not acknowledged'),
    duplicates: described(number, 'Duplicates ignored'),
    retries: described(number, 'Deliveries scheduled for retry, in total'),
    memory: orNull(object({ used: number, max: described(number, '0: no limit') })),
  }),
);
export type Summary = Shape<typeof Summary>;

/** One thing that was examined. */
export const Finding = named(
  'Finding',
  object({
    check: text,
    verdict: oneOf('ok', 'warning', 'refuse', 'unknown'),
    detail: described(text, 'The finding, and what to do'),
  }),
);
export type Finding = Shape<typeof Finding>;

export const FindingList = object({ findings: list(Finding) });
export type FindingList = Shape<typeof FindingList>;

/** What `/api/live` sends each second. */
export const Snapshot = named(
  'Snapshot',
  object({
    summary: Summary,
    inbox: Stream,
    topics: list(Stream),
    sinks: list(Sink),
    deadLetters: described(list(DeadLetter), 'The newest dead letters'),
    redrives: described(list(Redrive), 'Running ones'),
    replays: described(list(Replay), 'Running ones'),
  }),
);
export type Snapshot = Shape<typeof Snapshot>;

export const PIPELINE_PATHS: Json = {
  '/api/summary': { get: get('summary', 'Key figures of the pipeline', Summary) },
  '/api/doctor': {
    get: get('doctor', 'Checks whether Redis and the consumer groups can keep the delivery guarantees', FindingList),
  },
  '/api/live': {
    get: operation('live', 'Server-sent events: a snapshot each second', {
      answers: { 200: events('`snapshot`: a Snapshot; `trouble`: a Trouble, why there is none') },
    }),
  },
};
