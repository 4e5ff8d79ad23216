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
    accepted: described(number, 'Events that were ever taken in'),
    topics: number,
    events: described(number, 'Events in topics'),
    topicsBytes: orNull(number),
    lag: number,
    pending: number,
    parked: number,
    deadLetters: number,
    oldestWaitingAt: described(orNull(ms), 'Of the oldest event that a group has not settled'),
    duplicates: described(number, 'Events that had come before and were refused'),
    retries: described(number, 'Deliveries that were parked for another attempt'),
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
    detail: described(text, 'What was found, and what to do'),
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
    deadLetters: described(list(DeadLetter), 'The newest'),
    redrives: described(list(Redrive), 'Those that run'),
    replays: described(list(Replay), 'Those that run'),
  }),
);
export type Snapshot = Shape<typeof Snapshot>;

export const PIPELINE_PATHS: Json = {
  '/api/summary': { get: get('summary', 'Numbers of the whole pipeline', Summary) },
  '/api/doctor': { get: get('doctor', 'Whether the server and the groups can keep the promises', FindingList) },
  '/api/live': {
    get: operation('live', 'Server-sent events: a snapshot each second', {
      answers: { 200: events('`snapshot`, a Snapshot, and `trouble`, a Trouble, why there is none') },
    }),
  },
};
