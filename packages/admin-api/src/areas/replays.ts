import { JobState } from '../job-state.js';
import { answer, BETWEEN, CHANGED, get, getOne, inPath, nothing, operation, problem } from '../operation.js';
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

const UNFILTERED = 'To an endpoint: also what its topics and its pattern leave out';

const REPLAY = {
  id: text,
  topic: text,
  sink: described(text, 'The consumer group'),
  from: described(text, 'A stream id; - is the oldest'),
  to: described(text, 'A stream id; + is the newest'),
  pattern: orNull(anyObject),
  perSecond: number,
  who: text,
  createdAt: ms,
  state: JobState,
  total: described(number, 'Events in the range when it began, an estimate'),
  looked: number,
  sent: number,
  error: orNull(text),
};
/** It is there only where it was asked for. */
const OPTIONAL = { unfiltered: described(yes, UNFILTERED) };

/** A replay of a part of a topic to a sink. */
export const Replay = named('Replay', object(REPLAY, OPTIONAL));
export type Replay = Shape<typeof Replay>;

export const ReplayList = object({ replays: list(Replay) });
export type ReplayList = Shape<typeof ReplayList>;

/** A replay, and whether it was otherwise before. */
export const ChangedReplay = named('ChangedReplay', object({ ...REPLAY, ...CHANGED }, OPTIONAL));
export type ChangedReplay = Shape<typeof ChangedReplay>;

/** What a replay would send, as far as was looked. */
export const DryRun = named(
  'DryRun',
  object({
    matched: number,
    leftOut: described(
      number,
      'How many match and are left out by topics and pattern of the endpoint; `unfiltered` sends them',
    ),
    looked: number,
    complete: described(yes, 'Whether that was all'),
    warnings: described(list(text), 'Why what is sent would wait, each a sentence'),
  }),
);
export type DryRun = Shape<typeof DryRun>;

/** A replay as it is asked for. */
export const ReplayOrder = closed(
  object(
    {
      topic: textTo(200),
      sink: textTo(200),
      perSecond: whole(1, 100_000, { default: 500, description: 'Most events a second' }),
      unfiltered: flag(UNFILTERED),
      dryRun: flag('Says what would be handed over, and does nothing'),
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
      404: problem('There is no such replay'),
      409: problem('It is at its end'),
    },
  });

export const REPLAY_PATHS: Json = {
  '/api/replays': {
    get: get('replays', 'The newest first', ReplayList),
    post: operation('startReplay', 'Hands retained events of a topic to one sink again, beside live traffic', {
      body: ReplayOrder,
      answers: {
        200: answer('Of a dry run', DryRun),
        202: answer('It has begun', Replay),
        404: problem('There is no such topic, or no such sink'),
        409: problem('There is no event in the range'),
        422: problem('The sink does not read the topic, the endpoint does not take it, or the pattern is none'),
      },
    }),
  },
  '/api/replays/{id}': {
    get: getOne('replay', 'How far a replay has come', Replay, inPath('id')),
    delete: operation('cancelReplay', 'Ends it where it stands; what was handed over is', {
      parameters: inPath('id'),
      answers: { 204: nothing('It ends'), 404: problem('There is no such replay'), 409: problem('It is at its end') },
    }),
  },
  '/api/replays/{id}/pause': { post: act('pauseReplay', 'It waits where it stands') },
  '/api/replays/{id}/resume': { post: act('resumeReplay', 'It goes on') },
};
