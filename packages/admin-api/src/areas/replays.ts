import { JobState } from '../job-state.js';
import {
  answer,
  BETWEEN,
  CHANGED,
  get,
  getOne,
  inPath,
  LIST,
  NEXT,
  nothing,
  operation,
  problem,
} from '../operation.js';
import {
  anyObject,
  closed,
  described,
  flag,
  type Json,
  list,
  ms,
  named,
  number,
  object,
  orNull,
  type Shape,
  text,
  textTo,
  whole,
  yes,
} from '../schema.js';

const UNFILTERED = 'For an endpoint: ignore its topics and pattern';

const REPLAY = {
  id: text,
  topic: text,
  sink: described(text, 'The consumer group'),
  from: described(text, 'First stream id; - is the oldest'),
  to: described(text, 'Last stream id; + is the newest'),
  pattern: orNull(anyObject),
  perSecond: number,
  who: text,
  createdAt: ms,
  state: JobState,
  total: described(number, 'Events in the range at the start, estimated'),
  looked: number,
  sent: number,
  error: orNull(text),
};
/** It is there only where it was asked for. */
const OPTIONAL = { unfiltered: described(yes, UNFILTERED) };

/** A replay of a part of a topic to a sink. */
export const Replay = named('Replay', object(REPLAY, OPTIONAL));
export type Replay = Shape<typeof Replay>;

export const ReplayList = object({ replays: list(Replay), ...NEXT });
export type ReplayList = Shape<typeof ReplayList>;

/** A replay, and whether it was otherwise before. */
export const ChangedReplay = named('ChangedReplay', object({ ...REPLAY, ...CHANGED }, OPTIONAL));
export type ChangedReplay = Shape<typeof ChangedReplay>;

/** What a replay would send, as far as was looked. */
export const DryRun = named(
  'DryRun',
  object({
    matched: number,
    leftOut: described(number, 'Matches excluded by the topics and pattern of the endpoint; `unfiltered` sends them'),
    looked: number,
    complete: described(yes, 'Whether the whole range was searched'),
    warnings: described(list(text), 'Why delivery would be delayed, each a sentence'),
  }),
);
export type DryRun = Shape<typeof DryRun>;

/** A replay as it is asked for. */
export const ReplayOrder = closed(
  object(
    {
      topic: textTo(200),
      sink: textTo(200),
      perSecond: whole(1, 100_000, { default: 500, description: 'Maximum events per second' }),
      unfiltered: flag(UNFILTERED),
      dryRun: flag('Preview: counts the matches and does nothing'),
    },
    { ...BETWEEN, pattern: described(anyObject, 'Only events that match this event pattern') },
  ),
);
export type ReplayOrder = Shape<typeof ReplayOrder>;

const act = (operationId: string, summary: string): Json =>
  operation(operationId, summary, {
    parameters: inPath('id'),
    answers: {
      200: answer('The replay', ChangedReplay),
      404: problem('Replay not found'),
      409: problem('Already finished'),
    },
  });

export const REPLAY_PATHS: Json = {
  '/api/replays': {
    get: get('replays', 'Replays, newest first', ReplayList, LIST),
    post: operation('startReplay', 'Replays retained events of a topic to one sink, alongside live traffic', {
      body: ReplayOrder,
      answers: {
        200: answer('Result of a dry run', DryRun),
        202: answer('Started', Replay),
        404: problem('Topic or sink not found'),
        409: problem('No events in the range'),
        422: problem(
          'The sink does not read the topic, the endpoint does not subscribe to it, or the pattern is invalid',
        ),
      },
    }),
  },
  '/api/replays/{id}': {
    get: getOne('replay', 'Progress of a replay', Replay, inPath('id')),
    delete: operation('cancelReplay', 'Cancels a replay; events already sent are not undone', {
      parameters: inPath('id'),
      answers: { 204: nothing('Stopping'), 404: problem('Replay not found'), 409: problem('Already finished') },
    }),
  },
  '/api/replays/{id}/pause': { post: act('pauseReplay', 'Pauses a replay') },
  '/api/replays/{id}/resume': { post: act('resumeReplay', 'Resumes it') },
};
