import type { Redis } from 'ioredis';
import { asUnavailable } from './connection.js';
import { infoField } from './info.js';

/** What was found of one thing. */
export interface Finding {
  /** `version`, `eviction`, `functions`, `persistence`. */
  readonly check: string;
  /** `refuse`: Millrace cannot keep its promises on this server and does not start. */
  readonly verdict: 'ok' | 'warning' | 'refuse' | 'unknown';
  /** One sentence: what was found and what to do. */
  readonly detail: string;
}

const version = (info: string): Finding => ({
  check: 'version',
  verdict: 'ok',
  detail: `${infoField(info, 'valkey_version') === undefined ? 'Redis' : 'Valkey'} ${
    infoField(info, 'valkey_version') ?? infoField(info, 'redis_version') ?? 'of unknown version'
  }, ${infoField(info, 'redis_mode') ?? 'standalone'}`,
});

const eviction = (policy: string | undefined): Finding => {
  if (policy === undefined) {
    return { check: 'eviction', verdict: 'unknown', detail: 'maxmemory-policy is hidden; it has to be noeviction' };
  }
  return policy === 'noeviction'
    ? { check: 'eviction', verdict: 'ok', detail: 'noeviction' }
    : {
        check: 'eviction',
        verdict: 'refuse',
        detail: `maxmemory-policy is ${policy}, under which Redis deletes events when it is full; set it to noeviction`,
      };
};

const persistence = (info: string): Finding => {
  const aof = infoField(info, 'aof_enabled');
  if (aof === '1') return { check: 'persistence', verdict: 'ok', detail: 'the append-only file is on' };
  return {
    check: 'persistence',
    verdict: aof === '0' ? 'warning' : 'unknown',
    detail: 'the append-only file is off: what was accepted does not survive a restart of Redis; set appendonly yes',
  };
};

const functions = async (redis: Redis): Promise<Finding> => {
  try {
    await redis.call('FUNCTION', 'LIST', 'LIBRARYNAME', 'none');
    return { check: 'functions', verdict: 'ok', detail: 'Redis Functions are available' };
  } catch (error) {
    const missing = /unknown command/i.test((error as Error).message);
    return {
      check: 'functions',
      verdict: missing ? 'refuse' : 'unknown',
      detail: missing
        ? 'this server has no Redis Functions; Millrace needs Redis 7.0 or Valkey 8.0, or newer'
        : `cannot list Redis Functions: ${(error as Error).message}`,
    };
  }
};

/** Looks at the server: can the promises be kept on it? Rejects with `Unavailable` if it cannot be reached. */
export const examine = async (redis: Redis): Promise<Finding[]> => {
  const info = await redis.info().catch((error: unknown) => {
    throw asUnavailable(error);
  });
  const policy = await redis.config('GET', 'maxmemory-policy').then(
    (answer) => (answer as string[])[1],
    () => infoField(info, 'maxmemory_policy'), // Managed Redis often forbids CONFIG.
  );
  return [version(info), eviction(policy), persistence(info), await functions(redis)];
};
