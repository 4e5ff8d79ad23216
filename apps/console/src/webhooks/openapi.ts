import { answer, change, get, inPath, problem, query, VERSION, withNotFound } from '../openapi/operation.js';
import { type Json, list, number, object, ref, text } from '../openapi/schema.js';

const done = (operationId: string, summary: string, body?: Json): Json => ({
  ...change(operationId, summary, inPath('name'), body),
  responses: { 204: { description: 'It is done' }, 404: problem('There is no such thing') },
});

/** The paths of webhooks in the OpenAPI document. */
export const WEBHOOK_PATHS: Json = {
  '/api/webhooks': get(
    'webhooks',
    'The endpoints, and how they fare',
    object({ version: number, endpoints: list(ref('Endpoint')) }),
  ),
  '/api/webhooks/{name}': {
    ...withNotFound(get('webhook', 'One endpoint', ref('Endpoint'), inPath('name'))),
    put: change('putWebhook', 'Puts an endpoint in force', [...inPath('name'), VERSION], ref('WrittenEndpoint')),
    delete: change('deleteWebhook', 'Deletes an endpoint; what waits for it stays', [...inPath('name'), VERSION]),
  },
  '/api/webhooks/{name}/on': { post: done('switchWebhookOn', 'Switches it on: what waited goes') },
  '/api/webhooks/{name}/off': { post: done('switchWebhookOff', 'Switches it off: it gets nothing more') },
  '/api/webhooks/{name}/rotate': {
    post: {
      ...change('rotateWebhook', 'Adds a secret; until the next time the one before signs too', inPath('name'), {
        type: 'object',
        properties: { secret: text },
      }),
      responses: {
        200: answer('The new secret, which is not shown again', object({ secret: text, version: number })),
        404: problem('There is no such endpoint in Redis'),
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
    post: {
      ...done('testWebhook', 'Sends it an event of our own'),
      responses: { 202: answer('It is on its way', object({ id: text })), 404: problem('There is no such endpoint') },
    },
  },
  '/api/webhooks/{name}/resend': {
    post: done('resendWebhook', 'Sends a retained event again, with the same webhook-id', {
      type: 'object',
      required: ['stream', 'position'],
      properties: { stream: text, position: text, partition: number },
    }),
  },
};
