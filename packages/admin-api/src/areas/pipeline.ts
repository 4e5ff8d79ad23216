import * as op from '../operation.js';
import * as s from '../schema.js';
import { DeadLetter, Redrive } from './dead-letters.js';
import { Replay } from './replays.js';
import { Sink } from './sinks.js';
import { Stream } from './topics.js';

/** Numbers of the whole pipeline. */
export const Summary = s.model('Summary', {
  at: s.ms,
  inbox: s.described(s.number, 'Events in the inbox'),
  accepted: s.described(s.number, 'Events accepted in total'),
  topics: s.number,
  events: s.described(s.number, 'Events in topics'),
  topicsBytes: s.orNull(s.number),
  lag: s.number,
  pending: s.number,
  parked: s.number,
  deadLetters: s.number,
  oldestWaitingAt: s.described(s.orNull(s.ms), 'Time of the oldest event that a consumer group has not acknowledged'),
  duplicates: s.described(s.number, 'Duplicates ignored'),
  retries: s.described(s.number, 'Deliveries scheduled for retry, in total'),
  memory: s.orNull(s.object({ used: s.number, max: s.described(s.number, '0: no limit') })),
});
export type Summary = s.Shape<typeof Summary>;

/** One thing that was examined. */
export const Finding = s.model('Finding', {
  check: s.text,
  verdict: s.oneOf('ok', 'warning', 'refuse', 'unknown'),
  detail: s.described(s.text, 'The finding, and what to do'),
});
export type Finding = s.Shape<typeof Finding>;

export const FindingList = s.object({ findings: s.list(Finding) });
export type FindingList = s.Shape<typeof FindingList>;

/** What `/api/live` sends each second. */
export const Snapshot = s.model('Snapshot', {
  summary: Summary,
  inbox: Stream,
  topics: s.list(Stream),
  sinks: s.list(Sink),
  deadLetters: s.described(s.list(DeadLetter), 'The newest dead letters'),
  redrives: s.described(s.list(Redrive), 'Running ones'),
  replays: s.described(s.list(Replay), 'Running ones'),
});
export type Snapshot = s.Shape<typeof Snapshot>;

export const PIPELINE_PATHS: s.Json = {
  '/api/summary': { get: op.get('summary', 'Key figures of the pipeline', Summary) },
  '/api/doctor': {
    get: op.get('doctor', 'Checks whether Redis and the consumer groups can keep the delivery guarantees', FindingList),
  },
  '/api/live': {
    get: op.operation('live', 'Server-sent events: a snapshot each second', {
      answers: { 200: op.events('`snapshot`: a Snapshot; `trouble`: a Trouble, why there is none') },
    }),
  },
};
