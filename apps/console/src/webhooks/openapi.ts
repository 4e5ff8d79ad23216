import { answer, change, get, inPath, problem, query, VERSION, withNotFound } from '../openapi/operation.js';
import { type Json, list, number, object, ref, text } from '../openapi/schema.js';

const WARNINGS: Json = { ...list(text), description: 'Why it brings less, or later, than it seems' };

const act = (operationId: string, summary: string, answers: Json, body?: Json): Json => ({
  ...change(operationId, summary, inPath('name'), body),
  responses: { ...answers, 404: problem('There is no such thing') },
});

const saves = (operationId: string, summary: string, body: Json): Json => {
  const operation = change(operationId, summary, [...inPath('name'), VERSION], body);
  const saved = answer('What was done', ref('SavedEndpoint'));
  return { ...operation, responses: { ...(operation.responses as Json), 200: saved } };
};

/** The paths of webhooks in the OpenAPI document. */
export const WEBHOOK_PATHS: Json = {
  '/api/webhooks': get(
    'webhooks',
    'The endpoints and their status',
    object({ version: number, endpoints: list(ref('Endpoint')) }),
  ),
  '/api/webhooks/{name}': {
    ...withNotFound(get('webhook', 'One endpoint', ref('Endpoint'), inPath('name'))),
    put: saves(
      'putWebhook',
      'Writes an endpoint in place of what there is; only its secret stays, if none is given',
      ref('WrittenEndpoint'),
    ),
    patch: saves(
      'changeWebhook',
      'Changes what is named and nothing else, null takes it away; makes one where there is none',
      { type: 'object', description: 'Members of a WrittenEndpoint' },
    ),
    delete: change('deleteWebhook', 'Deletes an endpoint; what waits for it stays', [...inPath('name'), VERSION]),
  },
  '/api/webhooks/{name}/on': {
    post: act('enableWebhook', 'Enables it and has it tried now, also what is scheduled for later', {
      200: answer('What was done', object({ wasOff: { type: 'boolean' }, rescheduled: number, waiting: number })),
      409: problem('It is written with enabled: false'),
    }),
  },
  '/api/webhooks/{name}/off': {
    post: act('disableWebhook', 'Disables it: it gets nothing more; its queue is kept', {
      200: answer(
        'What was done; one that was disabled stays so for its reason',
        object({ wasOff: { type: 'boolean' } }),
      ),
    }),
  },
  '/api/webhooks/{name}/rotate': {
    post: {
      ...change('rotateWebhook', 'Adds a secret; until the next time the one before signs too', inPath('name'), {
        type: 'object',
        properties: { secret: text },
      }),
      responses: {
        200: answer('The new secret, which is not shown again', object({ secret: text, version: number })),
        404: problem('There is no such endpoint in Redis'),
        409: problem('It is not signed, or the secret is its newest already'),
      },
    },
  },
  '/api/webhooks/{name}/attempts': withNotFound(
    get('webhookAttempts', 'Requests to it, newest first', object({ attempts: list(ref('Attempt')) }), [
      ...inPath('name'),
      query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
    ]),
  ),
  '/api/webhooks/{name}/test': {
    post: act('testWebhook', 'Sends it an event of our own', {
      202: answer('It is on its way', object({ id: text, warnings: WARNINGS })),
    }),
  },
  '/api/webhooks/{name}/resend': {
    post: act(
      'resendWebhook',
      'Sends a retained event again, with the same webhook-id',
      {
        202: answer('It is on its way', object({ warnings: WARNINGS })),
        422: problem('Its topics and pattern leave the event out'),
      },
      {
        type: 'object',
        required: ['stream', 'position'],
        properties: {
          ...{ stream: text, position: text, partition: number },
          unfiltered: { type: 'boolean', description: 'Also where its topics and pattern leave the event out' },
        },
      },
    ),
  },
};
