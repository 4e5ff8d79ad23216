import { JobState } from '../job-state.js';
import * as op from '../operation.js';
import * as s from '../schema.js';

const UNFILTERED = 'For an endpoint: ignore its topics and pattern';

const REPLAY = {
  id: s.text,
  topic: s.text,
  sink: s.described(s.text, 'The consumer group'),
  from: s.described(s.text, 'First stream id; - is the oldest'),
  to: s.described(s.text, 'Last stream id; + is the newest'),
  pattern: s.orNull(s.anyObject),
  perSecond: s.number,
  who: s.text,
  createdAt: s.ms,
  state: JobState,
  total: s.described(s.number, 'Events in the range at the start, estimated'),
  looked: s.number,
  sent: s.number,
  error: s.orNull(s.text),
};
/** It is there only where it was asked for. */
const OPTIONAL = { unfiltered: s.described(s.yes, UNFILTERED) };

/** A replay of a part of a topic to a sink. */
export const Replay = s.model('Replay', REPLAY, OPTIONAL);
export type Replay = s.Shape<typeof Replay>;

export const ReplayList = s.object({ replays: s.list(Replay), ...op.NEXT });
export type ReplayList = s.Shape<typeof ReplayList>;

/** A replay, and whether it was otherwise before. */
export const ChangedReplay = s.model('ChangedReplay', { ...REPLAY, ...op.CHANGED }, OPTIONAL);
export type ChangedReplay = s.Shape<typeof ChangedReplay>;

/** What a replay would send, as far as was looked. */
export const DryRun = s.model('DryRun', {
  matched: s.number,
  leftOut: s.described(s.number, 'Matches excluded by the topics and pattern of the endpoint; `unfiltered` sends them'),
  looked: s.number,
  complete: s.described(s.yes, 'Whether the whole range was searched'),
  warnings: s.described(s.list(s.text), 'Why delivery would be delayed, each a sentence'),
});
export type DryRun = s.Shape<typeof DryRun>;

/** A replay as it is asked for. */
export const ReplayOrder = s.closed(
  {
    topic: s.textTo(200),
    sink: s.textTo(200),
    perSecond: s.whole(1, 100_000, { default: 500, description: 'Maximum events per second' }),
    unfiltered: s.flag(UNFILTERED),
    dryRun: s.flag('Preview: counts the matches and does nothing'),
  },
  { ...op.BETWEEN, pattern: s.described(s.anyObject, 'Only events that match this event pattern') },
);
export type ReplayOrder = s.Shape<typeof ReplayOrder>;

const act = (operationId: string, summary: string): s.Json =>
  op.operation(operationId, summary, {
    parameters: op.inPath('id'),
    answers: {
      200: op.answer('The replay', ChangedReplay),
      404: op.problem('Replay not found'),
      409: op.problem('Already finished'),
    },
  });

export const REPLAY_PATHS: s.Json = {
  '/api/replays': {
    get: op.get('replays', 'Replays, newest first', ReplayList, op.LIST),
    post: op.operation('startReplay', 'Replays retained events of a topic to one sink, alongside live traffic', {
      body: ReplayOrder,
      answers: {
        200: op.answer('Result of a dry run', DryRun),
        202: op.answer('Started', Replay),
        404: op.problem('Topic or sink not found'),
        409: op.problem('No events in the range'),
        422: op.problem(
          'The sink does not read the topic, the endpoint does not subscribe to it, or the pattern is invalid',
        ),
      },
    }),
  },
  '/api/replays/{id}': {
    get: op.getOne('replay', 'Progress of a replay', Replay, op.inPath('id')),
    delete: op.stopJob('cancelReplay', 'Cancels a replay; events already sent are not undone', 'Replay not found'),
  },
  '/api/replays/{id}/pause': { post: act('pauseReplay', 'Pauses a replay') },
  '/api/replays/{id}/resume': { post: act('resumeReplay', 'Resumes it') },
};
