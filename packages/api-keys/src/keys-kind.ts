import type { Kind } from '@millrace/definitions';
import { KeyError, type KeySecret, parseRules, type StoredKey } from './stored-key.js';

/**
 * API keys: gateways and consoles follow them. They are in Redis alone. One that cannot be used lets nobody in, whatever it was before, and
 * no earlier version is restored: a key that was revoked would be among them.
 */
export const API_KEYS: Kind<StoredKey, StoredKey> = {
  name: 'keys',
  noun: 'key',
  plural: 'API keys',
  key: 'name',
  code: 'bad-key',
  keepsLast: false,
  rollsBack: false,
  parse: (written) => {
    const { id, name, createdAt, createdBy, secrets, ...rules } = Object(written) as StoredKey;
    if (typeof id !== 'string' || !Array.isArray(secrets) || !secrets.every(isSecret))
      throw new KeyError(`the stored key "${name}" has no id or no secrets; it is ignored`);
    try {
      return { id, name, ...parseRules(rules), createdAt, createdBy, secrets };
    } catch (error) {
      throw new KeyError(`the stored key "${name}" is ignored: ${(error as Error).message}`);
    }
  },
};

/** What is stored by hand may be anything. */
const isSecret = (one: unknown): one is KeySecret => {
  const { hash, until } = Object(one) as Partial<KeySecret>;
  return typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) && ['number', 'undefined'].includes(typeof until);
};
