import * as op from '../operation.js';
import * as s from '../schema.js';

const SINK = {
  name: s.text,
  hop: s.text,
  streams: s.list(s.text),
  lag: s.number,
  pending: s.number,
  parked: s.described(s.number, 'Scheduled for retry'),
  deadLetters: s.number,
  consumers: s.number,
  oldestWaitingAt: s.described(s.orNull(s.ms), 'Time of the oldest event it has not acknowledged'),
  seenAt: s.described(s.ms, 'Last heartbeat, sent every ten seconds'),
  paused: s.orNull(s.object({ at: s.ms, who: s.text })),
};

/** A registered consumer group: the router, a sink, an endpoint of the webhook sink. */
export const Sink = s.model('Sink', SINK);
export type Sink = s.Shape<typeof Sink>;

export const SinkList = s.object({ sinks: s.list(Sink), ...op.NEXT });
export type SinkList = s.Shape<typeof SinkList>;

/** A sink, and whether it was otherwise before. */
export const ChangedSink = s.model('ChangedSink', { ...SINK, ...op.CHANGED });
export type ChangedSink = s.Shape<typeof ChangedSink>;

export const ForgetQuery = s.object({
  discard: s.flag('Even if undelivered events, retries or dead letters are discarded'),
});
export type ForgetQuery = s.Shape<typeof ForgetQuery>;

const act = (operationId: string, summary: string): s.Json =>
  op.operation(operationId, summary, {
    parameters: op.inPath('name'),
    answers: { 200: op.answer('The sink', ChangedSink), 404: op.problem('Sink not found') },
  });

export const SINK_PATHS: s.Json = {
  '/api/sinks': { get: op.get('sinks', 'The registered groups', SinkList, op.LIST) },
  '/api/sinks/{name}': {
    get: op.getOne('sink', 'One registered group', Sink, op.inPath('name')),
    delete: op.operation('forgetSink', 'Removes an unused consumer group', {
      parameters: [...op.inPath('name'), ...op.inQuery(ForgetQuery)],
      answers: {
        204: op.nothing('Removed'),
        404: op.problem('Sink not found'),
        409: op.problem('It is running, or has undelivered events'),
      },
    }),
  },
  '/api/sinks/{name}/pause': {
    post: act('pauseSink', 'Pauses it: no new events are read; those in flight are finished'),
  },
  '/api/sinks/{name}/resume': { post: act('resumeSink', 'Resumes it') },
};
