import { AtVersion, answer, change, get, inPath, operation, problem } from '../operation.js';
import {
  closed,
  described,
  type Json,
  judged,
  list,
  ms,
  named,
  number,
  object,
  oneOf,
  type Schema,
  type Shape,
  text,
  textTo,
  yes,
} from '../schema.js';

const Scope = oneOf('publish', 'read', 'operate', 'admin');

/** An API key in Redis, without its secrets. */
export const ApiKey = named(
  'ApiKey',
  object(
    {
      id: described(text, 'Stands in its tokens: mr_<id>_<secret>'),
      name: text,
      scopes: list(Scope),
      createdAt: ms,
      createdBy: described(text, 'The key that made it'),
      rotatedAt: described(ms, 'When its newest secret was made'),
      isExpired: yes,
    },
    {
      sources: list(text),
      types: list(text),
      expiresAt: ms,
      rateLimit: text,
      oldUntil: described(ms, 'When the last secret before that stops'),
    },
  ),
);
export type ApiKey = Shape<typeof ApiKey>;

export const ApiKeyList = object({ version: number, keys: list(ApiKey), invalid: list(text) });
export type ApiKeyList = Shape<typeof ApiKeyList>;

/** A key that was just made, or rotated. */
export const MadeApiKey = named(
  'MadeApiKey',
  object({
    token: text,
    key: ApiKey,
    version: number,
    warnings: described(
      list(text),
      'Why it protects nothing, or opens nothing: authentication is disabled, the key has expired',
    ),
  }),
);
export type MadeApiKey = Shape<typeof MadeApiKey>;

const MADE = answer('The token, which is not shown again', MadeApiKey);

/** Judged by who keeps the keys: so is each of the list. */
const judgedTexts = (description: string): Schema<readonly unknown[]> =>
  described(list<unknown>(judged(text)), description);

/** A key as it is asked for. */
export const NewApiKey = closed(
  object(
    { name: textTo(64), scopes: list<unknown>(judged(Scope), { minItems: 1, maxItems: 10 }) },
    {
      sources: judgedTexts('Sources that it may publish; * is any run of characters'),
      types: judgedTexts('The same of types'),
      expires: textTo(64, 'A time, or how long from now, as 90d'),
      rateLimit: textTo(64, 'Events that it may publish, as 1000/s'),
    },
  ),
);
export type NewApiKey = Shape<typeof NewApiKey>;

export const KeyRotation = closed(
  object({ grace: { ...textTo(64, 'How long the secret before goes on: a duration'), default: '24h' } }),
);
export type KeyRotation = Shape<typeof KeyRotation>;

export const KEY_PATHS: Json = {
  '/api/keys': {
    get: get('keys', 'The API keys in Redis, without their secrets', ApiKeyList),
    post: operation('createKey', 'Makes an API key', {
      body: NewApiKey,
      answers: {
        201: MADE,
        409: problem('Somebody changed them meanwhile'),
        422: problem('It can be no key: says why, and what is taken'),
      },
    }),
  },
  '/api/keys/{name}': {
    delete: change('revokeKey', 'Ends a key at once', inPath('name'), undefined, answer('The new version', AtVersion)),
  },
  '/api/keys/{name}/rotate': {
    post: change(
      'rotateKey',
      'Makes a further secret; those before it go on for the grace',
      inPath('name'),
      KeyRotation,
      MADE,
    ),
  },
};
