import { answer, changed, get, inPath, post, problem, withNotFound } from '../openapi/operation.js';
import { type Json, list, ms, number, object, orNull, ref, text } from '../openapi/schema.js';

const UNFILTERED: Json = {
  type: 'boolean',
  description: 'To an endpoint: also what its topics and its pattern leave out',
};
const ORDER = {
  ...{ topic: text, sink: text, from: text, to: text, pattern: { type: 'object' }, perSecond: number },
  unfiltered: UNFILTERED,
};

/** It is there only where it was asked for. */
const { unfiltered: _, ...REPLAYED } = ORDER;

export const REPLAY_SCHEMAS: Json = {
  Replay: object({
    ...REPLAYED,
    pattern: orNull({ type: 'object' }),
    id: text,
    who: text,
    createdAt: ms,
    state: { enum: ['running', 'paused', 'done', 'cancelled', 'failed'] },
    total: { ...number, description: 'Events in the range when it began, an estimate' },
    looked: number,
    sent: number,
    error: orNull(text),
  }),
};

const act = (operationId: string, summary: string): Json => ({
  ...post(operationId, summary, undefined, {
    200: answer('The replay', changed(ref('Replay'))),
    404: problem('There is no such replay'),
    409: problem('It is at its end'),
  }),
  parameters: inPath('id'),
});

/** The paths of replays in the OpenAPI document. */
export const REPLAY_PATHS: Json = {
  '/api/replays': {
    ...get('replays', 'The newest first', object({ replays: list(ref('Replay')) })),
    post: post(
      'startReplay',
      'Hands retained events of a topic to one sink again, beside live traffic',
      {
        type: 'object',
        required: ['topic', 'sink'],
        properties: {
          ...ORDER,
          from: { ...text, description: 'A time, Unix milliseconds or a stream id' },
          pattern: { type: 'object', description: 'Only events that match this event pattern' },
          perSecond: { type: 'integer', minimum: 1, default: 500 },
          dryRun: { type: 'boolean', description: 'Says what would be handed over, and does nothing' },
        },
      },
      {
        200: answer(
          'Of a dry run',
          object({
            matched: number,
            leftOut: number,
            looked: number,
            complete: { type: 'boolean' },
            warnings: list(text),
          }),
        ),
        202: answer('It has begun', ref('Replay')),
        404: problem('There is no such topic, or no such sink'),
        409: problem('There is no event in the range'),
        422: problem('The sink does not read the topic, the endpoint does not take it, or the pattern is none'),
      },
    ),
  },
  '/api/replays/{id}': {
    ...withNotFound(get('replay', 'How a replay fares', ref('Replay'), inPath('id'))),
    delete: {
      operationId: 'cancelReplay',
      summary: 'Ends it where it stands; what was handed over is',
      parameters: inPath('id'),
      responses: {
        204: { description: 'It ends' },
        404: problem('There is no such replay'),
        409: problem('It is at its end'),
      },
    },
  },
  '/api/replays/{id}/pause': { post: act('pauseReplay', 'It waits where it stands') },
  '/api/replays/{id}/resume': { post: act('resumeReplay', 'It goes on') },
};
