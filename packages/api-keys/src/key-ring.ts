import { timingSafeEqual } from 'node:crypto';
import { Follower, type FollowerLog, type InForce } from '@millrace/definitions';
import { Unavailable } from '@millrace/streams';
import type { KeyStore } from './key-store.js';
import { OPEN_PRINCIPAL, Principal } from './principal.js';
import type { Scope, StoredKey } from './stored-key.js';
import { hashOf, parseToken } from './token.js';

/** A key of the environment: the key itself, or `sha256:` and its SHA-256 in hexadecimal digits. */
export interface EnvironmentKey {
  readonly key: string;
  readonly scopes: readonly Scope[];
}

export interface KeyRingOptions {
  /** Whether a key is asked for. Nothing that is in Redis, or is not, changes that. */
  readonly asks: boolean;
  readonly environment: readonly EnvironmentKey[];
  readonly store: KeyStore;
  readonly log: FollowerLog;
}

interface Known {
  readonly principal: Principal;
  readonly secrets: readonly { readonly hash: Buffer; readonly until: number }[];
}

/** A key that lets nobody in: says why. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

/** So many digits of the hash are the short name of a key that has none. */
const NAME_BYTES = 9;
const bytesOf = (hash: string): Buffer => Buffer.from(hash, 'latin1');

/**
 * Tells who holds a key: those of the environment, and those in Redis, which it looks at every second. Where Redis is away
 * the keys that were known last are still so.
 */
export class KeyRing {
  private readonly environment: readonly { readonly hash: Buffer; readonly principal: Principal }[];
  private stored: ReadonlyMap<string, Known> = new Map();
  private readonly follower: Follower<StoredKey, StoredKey>;

  constructor(private readonly options: KeyRingOptions) {
    this.follower = new Follower({ store: options.store, log: options.log, onChange: (now) => this.use(now) });
    this.environment = options.environment.map(({ key, scopes }) => {
      const hash = key.startsWith('sha256:') ? key.slice('sha256:'.length) : hashOf(key);
      const name = Buffer.from(hash, 'hex').toString('base64url', 0, NAME_BYTES);
      return { hash: bytesOf(hash), principal: new Principal(name, name, { scopes }) };
    });
  }

  /** Whether a key is asked for. */
  get asks(): boolean {
    return this.options.asks;
  }

  /** Looks for the stored keys, now and every second from now on. */
  async start(): Promise<void> {
    if (this.asks) await this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  /** Takes a change up at once; whoever changed a key here need not wait. */
  async look(): Promise<void> {
    if (this.asks) await this.follower.look();
  }

  /**
   * Who holds a key. Takes the same time for every wrong secret. Throws a `KeyRefused` for one that is not known or has
   * expired, and `Unavailable` for one of the stored kind while Redis was never asked for them.
   */
  identify(given: string | undefined, now = Date.now()): Principal {
    if (!this.asks) return OPEN_PRINCIPAL;
    if (given === undefined) throw new KeyRefused(MISSING);
    const token = parseToken(given);
    const known = token === undefined ? undefined : this.stored.get(token.id);
    const principal =
      token === undefined || known === undefined ? this.ofEnvironment(given) : ofStored(known, token.secret, now);
    if (principal !== undefined) return principal;
    if (token !== undefined && !this.follower.isComplete) {
      throw new Unavailable('The API keys are not loaded yet: Redis has not been reached');
    }
    throw new KeyRefused('Unknown API key');
  }

  /** Of several of one hash the last: whoever writes the list puts the one that may the most there. */
  private ofEnvironment(given: string): Principal | undefined {
    if (this.environment.length === 0) return undefined;
    const presented = bytesOf(hashOf(given));
    let found: Principal | undefined;
    for (const { hash, principal } of this.environment) if (timingSafeEqual(hash, presented)) found = principal;
    return found;
  }

  private use({ version, definitions: keys }: InForce<StoredKey>): void {
    this.stored = new Map(keys.map((key) => [key.id, knownOf(key)]));
    if (version !== undefined && keys.length === 0 && this.environment.length === 0) {
      this.options.log.warn(
        'there are no API keys yet, so every request is refused: create one at a console with API_KEYS',
      );
    }
  }
}

const MISSING = 'Send an API key as "Authorization: Bearer KEY" or "X-API-Key: KEY"';

const knownOf = (key: StoredKey): Known => ({
  principal: new Principal(key.id, key.name, key),
  secrets: key.secrets.map(({ hash, until = Number.POSITIVE_INFINITY }) => ({ hash: bytesOf(hash), until })),
});

const ofStored = ({ principal, secrets }: Known, secret: string, now: number): Principal | undefined => {
  const presented = bytesOf(hashOf(secret));
  let isKnown = false;
  for (const { hash, until } of secrets) if (timingSafeEqual(hash, presented) && until > now) isKnown = true;
  if (!isKnown) return undefined;
  if (principal.expiresAt <= now) {
    throw new KeyRefused(`This API key expired at ${new Date(principal.expiresAt).toISOString()}`);
  }
  return principal;
};
