import { get, json, problem, query } from '../openapi/operation.js';
import { type Json, list, ms, number, object, orNull, ref, text } from '../openapi/schema.js';

const yes = { type: 'boolean' };
const DELIVERY = {
  state: { enum: ['done', 'waiting', 'in-hand', 'parked', 'dead', 'purged', 'paused', 'unknown'] },
  at: orNull(ms),
  parkedUntil: orNull(ms),
  attempts: list(ref('TraceAttempt')),
  deadLetter: orNull(object({ group: text, partition: number, id: text })),
  redriven: { ...number, description: 'How often it was sent again from the dead letters' },
};
const leaf = object({
  path: text,
  accepts: text,
  passed: yes,
  seen: { ...list({}), description: 'The first ten, long ones shortened' },
});

export const TRACE_SCHEMAS: Json = {
  TraceAttempt: object({
    at: ms,
    attempt: number,
    outcome: { enum: ['done', 'retry', 'rejected'] },
    error: orNull(text),
    message: orNull(text),
    ms: orNull(number),
    status: { ...orNull(number), description: 'Of the answer to a webhook' },
  }),
  Trace: object({
    source: text,
    id: text,
    found: yes,
    inbox: orNull(object({ streamId: text, partition: number, at: ms, retained: yes })),
    event: {},
    type: orNull(text),
    routing: object({
      ...DELIVERY,
      version: { ...orNull(number), description: 'Of the stored routes that decided, where that is known' },
      changedSince: { ...yes, description: 'The routes in force now are others than those that decided' },
      routes: list({
        ...object({ name: text, topics: list(text), matched: yes, leaves: list(leaf) }),
        description: '`undecided` says why it cannot be told, where that takes more steps than it may',
      }),
    }),
    topics: list(
      object({
        topic: text,
        streamId: orNull(text),
        isSure: { ...yes, description: 'False where it may be there all the same, further on than was looked' },
        partition: number,
        at: orNull(ms),
        transformed: yes,
        rerouting: orNull(
          object({
            routedAgain: orNull(object({ replay: text, state: text, at: ms })),
            mayRouteAgain: { ...yes, description: 'There was no such replay, or other routes are live since' },
          }),
        ),
        sinks: list(object({ group: text, hop: text, endpoint: orNull(text), ...DELIVERY })),
      }),
    ),
    sample: { type: 'number', description: 'Share of the deliveries that did not fail of which there are records' },
    looked: number,
    next: { ...orNull(text), description: 'Where the search goes on that has not found it so far' },
  }),
  TraceSetting: object({ sample: { type: 'number', minimum: 0, maximum: 1 }, until: orNull(ms) }),
};

/** The paths of traces in the OpenAPI document. */
export const TRACE_PATHS: Json = {
  '/api/events/trace': get(
    'trace',
    'The whole way of one event, as far as it is known. Beyond the deduplication window it is looked for, ten thousand events at a time',
    ref('Trace'),
    [
      { ...query('source', 'Of the CloudEvent'), required: true },
      { ...query('id', 'Of the CloudEvent'), required: true },
      query('cursor', 'The `next` of an earlier answer: goes on looking'),
    ],
  ),
  '/api/trace': {
    ...get('traceSetting', 'How much is recorded beside what fails', ref('TraceSetting')),
    put: {
      operationId: 'setTrace',
      summary: 'Records a share of all events, for a time or until somebody says otherwise',
      security: [{}, { bearer: [] }, { 'api-key': [] }],
      requestBody: json({
        type: 'object',
        required: ['sample'],
        properties: { sample: { type: 'number', minimum: 0, maximum: 1 }, seconds: { type: 'integer', minimum: 1 } },
      }),
      responses: {
        200: { description: 'What is so now', ...json(ref('TraceSetting')) },
        400: problem('Something in the body is not valid'),
        403: problem('The role of the key does not reach'),
      },
    },
  },
};
