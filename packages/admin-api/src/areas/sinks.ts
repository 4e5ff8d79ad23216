import {
  answer,
  CHANGED,
  get,
  getOne,
  inPath,
  inQuery,
  LIST,
  NEXT,
  nothing,
  operation,
  problem,
} from '../operation.js';
import { described, flag, type Json, list, ms, named, number, object, orNull, type Shape, text } from '../schema.js';

const SINK = {
  name: text,
  hop: text,
  streams: list(text),
  lag: number,
  pending: number,
  parked: described(number, 'Scheduled for retry'),
  deadLetters: number,
  consumers: number,
  oldestWaitingAt: described(orNull(ms), 'Time of the oldest event it has not acknowledged'),
  seenAt: described(ms, 'Last heartbeat, sent every ten seconds'),
  paused: orNull(object({ at: ms, who: text })),
};

/** A registered consumer group: the router, a sink, an endpoint of the webhook sink. */
export const Sink = named('Sink', object(SINK));
export type Sink = Shape<typeof Sink>;

export const SinkList = object({ sinks: list(Sink), ...NEXT });
export type SinkList = Shape<typeof SinkList>;

/** A sink, and whether it was otherwise before. */
export const ChangedSink = named('ChangedSink', object({ ...SINK, ...CHANGED }));
export type ChangedSink = Shape<typeof ChangedSink>;

export const ForgetQuery = object({
  discard: flag('Even if undelivered events, retries or dead letters are discarded'),
});
export type ForgetQuery = Shape<typeof ForgetQuery>;

const act = (operationId: string, summary: string): Json =>
  operation(operationId, summary, {
    parameters: inPath('name'),
    answers: { 200: answer('The sink', ChangedSink), 404: problem('Sink not found') },
  });

export const SINK_PATHS: Json = {
  '/api/sinks': { get: get('sinks', 'The registered groups', SinkList, LIST) },
  '/api/sinks/{name}': {
    get: getOne('sink', 'One registered group', Sink, inPath('name')),
    delete: operation('forgetSink', 'Removes an unused consumer group', {
      parameters: [...inPath('name'), ...inQuery(ForgetQuery)],
      answers: {
        204: nothing('Removed'),
        404: problem('Sink not found'),
        409: problem('It is running, or has undelivered events'),
      },
    }),
  },
  '/api/sinks/{name}/pause': {
    post: act('pauseSink', 'Pauses it: no new events are read; those in flight are finished'),
  },
  '/api/sinks/{name}/resume': { post: act('resumeSink', 'Resumes it') },
};
