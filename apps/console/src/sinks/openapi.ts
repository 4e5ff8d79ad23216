import { answer, changed, get, inPath, post, problem, query, withNotFound } from '../openapi/operation.js';
import { type Json, list, ms, number, object, orNull, ref, text } from '../openapi/schema.js';

export const SINK_SCHEMAS: Json = {
  Sink: object({
    name: text,
    hop: text,
    streams: list(text),
    lag: number,
    pending: number,
    parked: { ...number, description: 'Waiting for their next attempt' },
    deadLetters: number,
    consumers: number,
    oldestWaitingAt: { ...orNull(ms), description: 'Of the oldest event that it has not settled' },
    seenAt: ms,
    paused: orNull(object({ at: ms, who: text })),
  }),
};

const act = (operationId: string, summary: string): Json => ({
  ...post(operationId, summary, undefined, {
    200: answer('The sink', changed(ref('Sink'))),
    404: problem('There is no such sink'),
  }),
  parameters: inPath('name'),
});

/** The paths of sinks in the OpenAPI document. */
export const SINK_PATHS: Json = {
  '/api/sinks': get('sinks', 'The registered groups', object({ sinks: list(ref('Sink')) })),
  '/api/sinks/{name}': {
    ...withNotFound(get('sink', 'One registered group', ref('Sink'), inPath('name'))),
    delete: {
      operationId: 'forgetSink',
      summary: 'Forgets a group that nobody runs any more',
      parameters: [
        ...inPath('name'),
        query('discard', 'Also where it has undelivered events, retries or dead letters, which are given up', {
          type: 'boolean',
        }),
      ],
      responses: {
        204: { description: 'It is forgotten' },
        404: problem('There is no such sink'),
        409: problem('It runs, or it still has something'),
      },
    },
  },
  '/api/sinks/{name}/pause': { post: act('pauseSink', 'It reads nothing more; what is in hand is finished') },
  '/api/sinks/{name}/resume': { post: act('resumeSink', 'It goes on') },
};
