import { AtVersion, answer, change, get, inPath, LIST, NEXT, operation, problem } from '../operation.js';
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
      id: described(text, 'Part of its tokens: mr_<id>_<secret>'),
      name: text,
      scopes: list(Scope),
      createdAt: ms,
      createdBy: described(text, 'Name of the key that created it'),
      rotatedAt: described(ms, 'Creation of its newest secret'),
      isExpired: yes,
    },
    {
      sources: list(text),
      types: list(text),
      expiresAt: ms,
      rateLimit: text,
      oldUntil: described(ms, 'Expiry of the previous secret'),
    },
  ),
);
export type ApiKey = Shape<typeof ApiKey>;

export const ApiKeyList = object({ version: number, keys: list(ApiKey), invalid: list(text), ...NEXT });
export type ApiKeyList = Shape<typeof ApiKeyList>;

/** A key that was just made, or rotated. */
export const MadeApiKey = named(
  'MadeApiKey',
  object({
    token: text,
    key: ApiKey,
    version: number,
    warnings: described(list(text), 'Why the key has no effect: authentication is disabled, or the key has expired'),
  }),
);
export type MadeApiKey = Shape<typeof MadeApiKey>;

const MADE = answer('The token, shown once', MadeApiKey);

/** Judged by who keeps the keys: so is each of the list. */
const judgedTexts = (description: string): Schema<readonly unknown[]> =>
  described(list<unknown>(judged(text)), description);

/** A key as it is asked for. */
export const NewApiKey = closed(
  object(
    { name: textTo(64), scopes: list<unknown>(judged(Scope), { minItems: 1, maxItems: 10 }) },
    {
      sources: judgedTexts('Event sources it may publish; * matches any characters'),
      types: judgedTexts('Event types it may publish; * matches any characters'),
      expires: textTo(64, 'Expiry: a time, or a duration such as 90d'),
      rateLimit: textTo(64, 'Publish rate limit, such as 1000/s'),
    },
  ),
);
export type NewApiKey = Shape<typeof NewApiKey>;

export const KeyRotation = closed(
  object({ grace: { ...textTo(64, 'How long the previous secret stays valid: a duration'), default: '24h' } }),
);
export type KeyRotation = Shape<typeof KeyRotation>;

export const KEY_PATHS: Json = {
  '/api/keys': {
    get: get('keys', 'API keys in Redis, without their secrets', ApiKeyList, LIST),
    post: operation('createKey', 'Creates an API key', {
      body: NewApiKey,
      answers: {
        201: MADE,
        409: problem('Changed by another client in the meantime'),
        422: problem('Invalid key: says what is wrong and what is expected'),
      },
    }),
  },
  '/api/keys/{name}': {
    delete: change('revokeKey', 'Revokes a key', inPath('name'), undefined, answer('The new version', AtVersion)),
  },
  '/api/keys/{name}/rotate': {
    post: change(
      'rotateKey',
      'Rotates the secret; the previous ones stay valid for the grace period',
      inPath('name'),
      KeyRotation,
      MADE,
    ),
  },
};
