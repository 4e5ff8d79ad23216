import { type Logger, problem, RequestRefused } from '@millrace/host';
import type { RedisTransport } from '@millrace/streams/redis';
import type { OnModuleDestroy } from '@nestjs/common';
import { type EnvironmentKey, KeyRefused, KeyRing } from './key-ring.js';
import { KeyStore } from './key-store.js';
import type { Principal } from './principal.js';
import type { Scope } from './stored-key.js';

/** Headers of a request that may hold a key. */
interface KeyHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | string[] | undefined;
}

/** Tells who sends a request by its key, in the words of HTTP. `start` it; Nest stops it. */
export class ApiKeys implements OnModuleDestroy {
  readonly store: KeyStore;
  private readonly ring: KeyRing;

  constructor(
    transport: RedisTransport,
    log: Logger,
    /** Whether a key is asked for. */
    asks: boolean,
    environment: readonly EnvironmentKey[],
  ) {
    this.store = new KeyStore(transport);
    this.ring = new KeyRing({ asks, environment, store: this.store, log });
  }

  /** Whether everybody may do everything. */
  get isOpen(): boolean {
    return !this.ring.asks;
  }

  /** Looks for the stored keys, now and every second from now on. */
  start(): Promise<void> {
    return this.ring.start();
  }

  /** Takes a change of the stored keys up at once. */
  look(): Promise<void> {
    return this.ring.look();
  }

  onModuleDestroy(): void {
    void this.ring.stop();
  }

  /**
   * Who holds the key of a request, in `Authorization: Bearer …` or `X-API-Key`. Throws a 401 where it has none that is
   * known, and `Unavailable` where Redis was never there to be asked.
   */
  identify(headers: KeyHeaders): Principal {
    try {
      return this.ring.identify(givenIn(headers));
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
      throw new RequestRefused(problem('unauthorized', 401, error.message), { 'www-authenticate': 'Bearer' });
    }
  }

  /** The same, of a key that has a scope. Throws a 403 where it has not. */
  admit(headers: KeyHeaders, scope: Scope): Principal {
    const principal = this.identify(headers);
    if (principal.may(scope)) return principal;
    throw new RequestRefused(
      problem('forbidden', 403, `This API key has the scopes ${principal.scopes.join(', ')}; this requires "${scope}"`),
    );
  }
}

const givenIn = ({ authorization, 'x-api-key': header }: KeyHeaders): string | undefined => {
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return bearer ?? (Array.isArray(header) ? header[0] : header);
};
