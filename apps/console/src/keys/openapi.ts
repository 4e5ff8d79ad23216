import { SCOPES } from '@millrace/api-keys';
import { answer, change, get, inPath, post, problem } from '../openapi/operation.js';
import { type Json, list, ms, number, object, ref, text } from '../openapi/schema.js';

const MADE = answer(
  'The token, which is not shown again',
  object({
    token: text,
    key: ref('ApiKey'),
    version: number,
    warnings: {
      ...list(text),
      description: 'Why it protects nothing, or opens nothing: authentication is disabled, the key has expired',
    },
  }),
);

/** What an API key looks like. */
export const KEY_SCHEMAS: Json = {
  ApiKey: {
    type: 'object',
    required: ['id', 'name', 'scopes', 'createdAt', 'createdBy', 'rotatedAt', 'isExpired'],
    properties: {
      id: { ...text, description: 'Stands in its tokens: mr_<id>_<secret>' },
      name: text,
      scopes: list({ enum: SCOPES }),
      sources: list(text),
      types: list(text),
      expiresAt: ms,
      rateLimit: text,
      createdAt: ms,
      createdBy: { ...text, description: 'The key that made it' },
      rotatedAt: { ...ms, description: 'When its newest secret was made' },
      oldUntil: { ...ms, description: 'When the last secret before that stops' },
      isExpired: { type: 'boolean' },
    },
  },
};

/** The paths of API keys in the OpenAPI document. */
export const KEY_PATHS: Json = {
  '/api/keys': {
    ...get(
      'keys',
      'The API keys in Redis, without their secrets',
      object({ version: number, keys: list(ref('ApiKey')), invalid: list(text) }),
    ),
    post: post(
      'createKey',
      'Makes an API key',
      {
        type: 'object',
        required: ['name', 'scopes'],
        properties: {
          name: text,
          scopes: list({ enum: SCOPES }),
          sources: { ...list(text), description: 'Sources that it may publish; * is any run of characters' },
          types: { ...list(text), description: 'The same of types' },
          expires: { ...text, description: 'A time, or how long from now, as 90d' },
          rateLimit: { ...text, description: 'Events that it may publish, as 1000/s' },
        },
      },
      { 201: MADE, 422: problem('It can be no key: says why, and what is taken') },
    ),
  },
  '/api/keys/{name}': { delete: change('revokeKey', 'Ends a key at once', inPath('name')) },
  '/api/keys/{name}/rotate': {
    post: {
      ...change('rotateKey', 'Makes a further secret; those before it go on for the grace', inPath('name'), {
        type: 'object',
        properties: { grace: { ...text, description: 'A duration', default: '24h' } },
      }),
      responses: {
        200: MADE,
        404: problem('There is no such key in Redis'),
        422: problem('Too many secrets are in force'),
      },
    },
  },
};
