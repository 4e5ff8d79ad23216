import { Operations, type Versioned, type VersionedHash } from '@millrace/operations';
import type { RedisTransport } from '@millrace/streams/redis';
import { checkName, KeyError, type KeyRules, parseRules, type StoredKey } from './stored-key.js';
import { hashOf, newId, newSecret, tokenOf } from './token.js';

/** The stored keys of one version. */
export interface KeySet {
  readonly version: number;
  readonly keys: readonly StoredKey[];
  /** What is stored and cannot be used: it lets nobody in. */
  readonly invalid: readonly KeyError[];
}

/** Who changes keys. */
export interface By {
  readonly who: string;
}

/** A key with its token, which is told this once and stored nowhere. */
export interface MadeKey {
  readonly token: string;
  readonly key: StoredKey;
  readonly version: number;
}

const MOST_SECRETS = 10;

/**
 * The keys in Redis, by name: each change is a version with a record. There is no way back to an older version, in which a
 * key that was revoked would be in force again.
 */
export class KeyStore {
  private readonly hash: VersionedHash;

  constructor(transport: RedisTransport) {
    this.hash = new Operations(transport).versioned('keys');
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  async read(): Promise<KeySet> {
    const { version, values } = await this.hash.read();
    const keys: StoredKey[] = [];
    const invalid: KeyError[] = [];
    for (const [name, json] of values) {
      const key = readKey(name, json);
      if (key instanceof KeyError) invalid.push(key);
      else keys.push(key);
    }
    return { version, keys, invalid };
  }

  /** Makes a key. Rejects with a `KeyError` where there is one of that name, or the rules are none. */
  async create(name: string, rules: KeyRules, by: By, now = Date.now()): Promise<MadeKey> {
    checkName(name);
    const checked = parseRules(rules);
    if (checked.expiresAt !== undefined && checked.expiresAt <= now) {
      throw new KeyError('expiresAt is in the past; it takes a time to come', 'expiresAt');
    }
    const [id, secret] = [newId(), newSecret()];
    const secrets = [{ hash: hashOf(secret), madeAt: now }];
    const key: StoredKey = { ...{ id, name }, ...checked, createdAt: now, createdBy: by.who, secrets };
    const version = await this.hash.change({ ...by, action: 'create' }, ({ values }) => {
      if (values.has(name))
        throw new KeyError(`there is a key "${name}" already; revoke it, or take another name`, 'name');
      return [[name, JSON.stringify(key)]];
    });
    return { token: tokenOf({ id, secret }), key, version };
  }

  /**
   * Makes a further secret of a key; those before it go on for `graceMs`, unless they end sooner. Undefined where there is
   * no such key. Rejects with a `KeyError` where too many are still in force.
   */
  async rotate(name: string, graceMs: number, by: By, now = Date.now()): Promise<MadeKey | undefined> {
    const secret = newSecret();
    let key: StoredKey | undefined;
    const version = await this.change('rotate', name, by, (before) => {
      const secrets = before.secrets
        .map((one) => ({ ...one, until: Math.min(one.until ?? Number.POSITIVE_INFINITY, now + graceMs) }))
        .filter(({ until }) => until > now);
      if (secrets.length >= MOST_SECRETS) {
        throw new KeyError(`${MOST_SECRETS} secrets of "${name}" are in force; rotate with a shorter grace`);
      }
      key = { ...before, secrets: [{ hash: hashOf(secret), madeAt: now }, ...secrets] };
      return JSON.stringify(key);
    });
    if (version === undefined || key === undefined) return undefined;
    return { token: tokenOf({ id: key.id, secret }), key, version };
  }

  /** Ends a key at once. Gives the new version, or undefined where there is no such key. */
  revoke(name: string, by: By): Promise<number | undefined> {
    return this.change('revoke', name, by, () => null);
  }

  private async change(
    action: string,
    name: string,
    by: By,
    next: (before: StoredKey) => string | null,
  ): Promise<number | undefined> {
    const missing = new KeyError(`there is no key "${name}"`);
    const changed = this.hash.change({ ...by, action }, ({ values }: Versioned) => {
      const json = values.get(name);
      if (json === undefined) throw missing;
      const before = readKey(name, json);
      // One that cannot be read can still be revoked.
      if (before instanceof KeyError) {
        if (action === 'revoke') return [[name, null]];
        throw before;
      }
      return [[name, next(before)]];
    });
    return changed.catch((error: unknown) => {
      if (error === missing) return undefined;
      throw error;
    });
  }
}

/** What is stored by hand may be anything. */
const readKey = (name: string, json: string): StoredKey | KeyError => {
  try {
    const { id, createdAt, createdBy, secrets, name: _, ...rules } = JSON.parse(json) as StoredKey;
    const isWhole =
      typeof id === 'string' &&
      Array.isArray(secrets) &&
      secrets.every(({ hash, until }) => /^[0-9a-f]{64}$/.test(hash) && ['number', 'undefined'].includes(typeof until));
    if (!isWhole) return new KeyError(`the stored key "${name}" has no id, or no secrets; it lets nobody in`);
    return { ...{ id, name }, ...parseRules(rules), createdAt, createdBy, secrets };
  } catch (error) {
    return new KeyError(`the stored key "${name}" lets nobody in: ${(error as Error).message}`);
  }
};
