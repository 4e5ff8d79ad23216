import { type ChangeAuthor, DefinitionStore, writtenIn } from '@millrace/definitions';
import type { RedisTransport } from '@millrace/streams/redis';
import { API_KEYS } from './keys-kind.js';
import { checkName, KeyError, type KeyRules, parseRules, type StoredKey } from './stored-key.js';
import { hashOf, newId, newSecret, tokenOf } from './token.js';

/** A key with its token, which is told this once and stored nowhere. */
export interface MadeKey {
  readonly token: string;
  readonly key: StoredKey;
  readonly version: number;
}

const MOST_SECRETS = 10;

/**
 * The keys in Redis, by name: each change is a version with a record. There is no way back to an older version, in which a
 * key that was revoked would be valid again.
 */
export class KeyStore extends DefinitionStore<StoredKey, StoredKey> {
  constructor(transport: RedisTransport) {
    super(transport, API_KEYS);
  }

  /** Makes a key. Rejects with a `KeyError` where there is one of that name, or the rules are none. */
  async create(name: string, rules: KeyRules, by: ChangeAuthor, now = Date.now()): Promise<MadeKey> {
    checkName(name);
    const checked = parseRules(rules);
    if (checked.expiresAt !== undefined && checked.expiresAt <= now) {
      throw new KeyError('expiresAt must be in the future', 'expiresAt');
    }
    const [id, secret] = [newId(), newSecret()];
    const secrets = [{ hash: hashOf(secret), madeAt: now }];
    const key: StoredKey = { id, name, ...checked, createdAt: now, createdBy: by.who, secrets };
    const version = await this.hash.change({ ...by, action: 'create' }, ({ values }) => {
      if (values.has(name))
        throw new KeyError(`the key "${name}" already exists; revoke it, or choose another name`, 'name');
      return [[name, JSON.stringify(key)]];
    });
    return { token: tokenOf({ id, secret }), key, version };
  }

  /**
   * Makes a further secret of a key; those before it go on for `graceMs`, unless they end sooner. Rejects with a
   * `DefinitionMissing` where there is no such key, with a `KeyError` where too many secrets are still valid.
   */
  async rotate(name: string, graceMs: number, by: ChangeAuthor, now = Date.now()): Promise<MadeKey> {
    const secret = newSecret();
    let key: StoredKey | undefined;
    const version = await this.hash.change({ ...by, action: 'rotate' }, ({ values }) => {
      const json = values.get(name);
      if (json === undefined) throw this.missing(name);
      const before = API_KEYS.parse(writtenIn(API_KEYS, name, json), {
        source: 'Redis',
        place: `key "${name}"`,
        from: 'Redis',
      });
      const secrets = before.secrets
        .map((one) => ({ ...one, until: Math.min(one.until ?? Number.POSITIVE_INFINITY, now + graceMs) }))
        .filter(({ until }) => until > now);
      if (secrets.length >= MOST_SECRETS) {
        throw new KeyError(`"${name}" already has ${MOST_SECRETS} valid secrets; rotate with a shorter grace`);
      }
      key = { ...before, secrets: [{ hash: hashOf(secret), madeAt: now }, ...secrets] };
      return [[name, JSON.stringify(key)]];
    });
    const made = key as StoredKey | undefined as StoredKey;
    return { token: tokenOf({ id: made.id, secret }), key: made, version };
  }

  /** Ends a key at once, one that cannot be used too. Gives the new version. Rejects with a `DefinitionMissing`. */
  revoke(name: string, by: ChangeAuthor): Promise<number> {
    return this.delete(name, { ...by, action: 'revoke' });
  }
}
