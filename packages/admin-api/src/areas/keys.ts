import * as op from '../operation.js';
import * as s from '../schema.js';

const Scope = s.oneOf('publish', 'read', 'operate', 'admin');

/** An API key in Redis, without its secrets. */
export const ApiKey = s.model(
  'ApiKey',
  {
    id: s.described(s.text, 'Part of its tokens: mr_<id>_<secret>'),
    name: s.text,
    scopes: s.list(Scope),
    createdAt: s.ms,
    createdBy: s.described(s.text, 'Name of the key that created it'),
    rotatedAt: s.described(s.ms, 'Creation of its newest secret'),
    isExpired: s.yes,
  },
  {
    sources: s.list(s.text),
    types: s.list(s.text),
    expiresAt: s.ms,
    rateLimit: s.text,
    oldUntil: s.described(s.ms, 'Expiry of the previous secret'),
  },
);
export type ApiKey = s.Shape<typeof ApiKey>;

export const ApiKeyList = s.object({ version: s.number, keys: s.list(ApiKey), invalid: s.list(s.text), ...op.NEXT });
export type ApiKeyList = s.Shape<typeof ApiKeyList>;

/** A key that was just made, or rotated. */
export const MadeApiKey = s.model('MadeApiKey', {
  token: s.text,
  key: ApiKey,
  version: s.number,
  warnings: s.described(
    s.list(s.text),
    'Why the key has no effect: authentication is disabled, or the key has expired',
  ),
});
export type MadeApiKey = s.Shape<typeof MadeApiKey>;

const MADE = op.answer('The token, shown once', MadeApiKey);

/** Judged by who keeps the keys: so is each of the list. */
const judgedTexts = (description: string): s.Schema<readonly unknown[]> =>
  s.described(s.list<unknown>(s.judged(s.text)), description);

/** A key as it is asked for. */
export const NewApiKey = s.closed(
  { name: s.textTo(64), scopes: s.list<unknown>(s.judged(Scope), { minItems: 1, maxItems: 10 }) },
  {
    sources: judgedTexts('Event sources it may publish; * matches any characters'),
    types: judgedTexts('Event types it may publish; * matches any characters'),
    expires: s.textTo(64, 'Expiry: a time, or a duration such as 90d'),
    rateLimit: s.textTo(64, 'Publish rate limit, such as 1000/s'),
  },
);
export type NewApiKey = s.Shape<typeof NewApiKey>;

export const KeyRotation = s.closed({
  grace: { ...s.textTo(64, 'How long the previous secret stays valid: a duration'), default: '24h' },
});
export type KeyRotation = s.Shape<typeof KeyRotation>;

export const KEY_PATHS: s.Json = {
  '/api/keys': {
    get: op.get('keys', 'API keys in Redis, without their secrets', ApiKeyList, op.LIST),
    post: op.operation('createKey', 'Creates an API key', {
      body: NewApiKey,
      answers: {
        201: MADE,
        409: op.problem('Changed by another client in the meantime'),
        422: op.problem('Invalid key: says what is wrong and what is expected'),
      },
    }),
  },
  '/api/keys/{name}': {
    delete: op.change(
      'revokeKey',
      'Revokes a key',
      op.inPath('name'),
      undefined,
      op.answer('The new version', op.AtVersion),
    ),
  },
  '/api/keys/{name}/rotate': {
    post: op.change(
      'rotateKey',
      'Rotates the secret; the previous ones stay valid for the grace period',
      op.inPath('name'),
      KeyRotation,
      MADE,
    ),
  },
};
