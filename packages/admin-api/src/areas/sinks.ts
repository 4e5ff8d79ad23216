import { answer, CHANGED, get, getOne, inPath, inQuery, nothing, operation, problem } from '../operation.js';
import { described, flag, type Json, list, ms, named, number, object, orNull, type Shape, text } from '../schema.js';

const SINK = {
  name: text,
  hop: text,
  streams: list(text),
  lag: number,
  pending: number,
  parked: described(number, 'Waiting for their next attempt'),
  deadLetters: number,
  consumers: number,
  oldestWaitingAt: described(orNull(ms), 'Of the oldest event that it has not settled'),
  seenAt: described(ms, 'When it last said that it exists; it does so every ten seconds'),
  paused: orNull(object({ at: ms, who: text })),
};

/** A registered consumer group: the router, a sink, an endpoint of the webhook sink. */
export const Sink = named('Sink', object(SINK));
export type Sink = Shape<typeof Sink>;

export const SinkList = object({ sinks: list(Sink) });
export type SinkList = Shape<typeof SinkList>;

/** A sink, and whether it was otherwise before. */
export const ChangedSink = named('ChangedSink', object({ ...SINK, ...CHANGED }));
export type ChangedSink = Shape<typeof ChangedSink>;

export const ForgetQuery = object({
  discard: flag('Also where it has undelivered events, retries or dead letters, which are given up'),
});
export type ForgetQuery = Shape<typeof ForgetQuery>;

const act = (operationId: string, summary: string): Json =>
  operation(operationId, summary, {
    parameters: inPath('name'),
    answers: { 200: answer('The sink', ChangedSink), 404: problem('There is no such sink') },
  });

export const SINK_PATHS: Json = {
  '/api/sinks': { get: get('sinks', 'The registered groups', SinkList) },
  '/api/sinks/{name}': {
    get: getOne('sink', 'One registered group', Sink, inPath('name')),
    delete: operation('forgetSink', 'Forgets a group that nobody runs any more', {
      parameters: [...inPath('name'), ...inQuery(ForgetQuery)],
      answers: {
        204: nothing('It is forgotten'),
        404: problem('There is no such sink'),
        409: problem('It runs, or it still has something'),
      },
    }),
  },
  '/api/sinks/{name}/pause': { post: act('pauseSink', 'It reads nothing more; what is in flight is finished') },
  '/api/sinks/{name}/resume': { post: act('resumeSink', 'It goes on') },
};
