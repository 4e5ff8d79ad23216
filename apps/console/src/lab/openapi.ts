import { answer, get, inPath, post, problem, withNotFound } from '../openapi/operation.js';
import { type Json, list, ms, number, object, orNull, ref, text } from '../openapi/schema.js';

export const LAB_SCHEMAS: Json = {
  Lab: object({
    topic: text,
    group: text,
    length: number,
    lag: number,
    pending: number,
    running: { type: 'boolean' },
    consumers: list(
      object({
        name: text,
        state: { enum: ['running', 'crashed'] },
        handled: number,
        pending: number,
        idleMs: number,
        crashAfter: orNull(number),
      }),
    ),
    entries: list(object({ id: text, partition: number, consumer: text, idleMs: number, deliveries: number })),
    log: list(object({ at: ms, text })),
  }),
};

const whole = (minimum: number, maximum: number, more: Json = {}): Json => ({
  type: 'integer',
  minimum,
  maximum,
  ...more,
});
const act = (operationId: string, summary: string, properties: Json | undefined, ...more: readonly string[]): Json => ({
  ...post(operationId, summary, properties === undefined ? undefined : { type: 'object', properties }, {
    200: answer('The lab', ref('Lab')),
    404: problem('There is no such topic, or no such consumer'),
    409: problem('It does not fit as things are'),
  }),
  parameters: inPath('topic', ...more),
});

/** The paths of the lab in the OpenAPI document. */
export const LAB_PATHS: Json = {
  '/api/lab': get('labs', 'Topics that have a lab running', object({ topics: list(text) })),
  '/api/lab/{topic}': {
    ...withNotFound(get('lab', 'The lab of a topic', ref('Lab'), inPath('topic'))),
    delete: {
      operationId: 'endLab',
      summary: 'Stops its consumers and deletes the scratch stream',
      parameters: inPath('topic'),
      responses: { 204: { description: 'It is ended' }, 404: problem('None runs of this topic in this process') },
    },
  },
  '/api/lab/{topic}/produce': {
    post: act('labProduce', 'Appends events to the scratch stream', { count: whole(1, 1000) }),
  },
  '/api/lab/{topic}/consumers': {
    post: act('labAdd', 'Adds consumers', { count: whole(1, 20), perSecond: whole(1, 100, { default: 5 }) }),
  },
  '/api/lab/{topic}/consumers/{name}': {
    delete: act('labRemove', 'Removes a consumer; its unacknowledged deliveries are released first', undefined, 'name'),
  },
  '/api/lab/{topic}/consumers/{name}/crash': {
    post: act('labCrash', 'It stops without acknowledging, after so many more', { after: whole(0, 1_000_000) }, 'name'),
  },
  '/api/lab/{topic}/claim': {
    post: act('labClaim', 'What crashed consumers hold goes to a live one', { minIdleMs: whole(0, 86_400_000) }),
  },
  '/api/lab/{topic}/trim': {
    post: act('labTrim', 'Shortens the scratch stream, never past what its group has not settled', {
      maxLength: whole(1, 1_000_000_000),
    }),
  },
};
