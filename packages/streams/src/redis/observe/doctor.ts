import type { Redis } from 'ioredis';
import { Unavailable } from '../../errors.js';
import type { Connection } from '../connection/connection.js';
import { infoField, infoOf, isTakenAway } from '../connection/info.js';
import { nameOf, ofEachPrimary } from '../connection/primaries.js';

/** What was found of one thing. */
export interface Finding {
  /** `version`, `features`, `eviction`, `persistence`, `memory`, `clock`, `functions`, `group`, `time-outs`… */
  readonly check: string;
  /** `refuse`: Millrace cannot keep its promises on this server and does not start. */
  readonly verdict: 'ok' | 'warning' | 'refuse' | 'unknown';
  /** One sentence: what was found and what to do. */
  readonly detail: string;
}

const WITHOUT_INFO =
  'this user may not run INFO: version, persistence and memory are unknown; a full Redis is noticed when it refuses writes';

const version = (info: string): Finding => ({
  check: 'version',
  verdict: 'ok',
  detail: `${infoField(info, 'valkey_version') === undefined ? 'Redis' : 'Valkey'} ${
    infoField(info, 'valkey_version') ?? infoField(info, 'redis_version') ?? 'of unknown version'
  }, ${infoField(info, 'redis_mode') ?? infoField(info, 'server_mode') ?? 'standalone'}`,
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
  if (aof === undefined) {
    return { check: 'persistence', verdict: 'unknown', detail: 'whether the append-only file is on is hidden' };
  }
  if (aof === '1') return { check: 'persistence', verdict: 'ok', detail: 'the append-only file is on' };
  return {
    check: 'persistence',
    verdict: 'warning',
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

/** Commands that not every server has, and what they are for. */
const OPTIONAL = { waitaof: 'DURABILITY=always', 'ts.add': 'TimeSeries' } as const;

const features = async (redis: Redis): Promise<Finding> => {
  const names = Object.keys(OPTIONAL) as (keyof typeof OPTIONAL)[];
  const found = await redis.call('COMMAND', 'INFO', ...names).catch(() => undefined);
  if (!Array.isArray(found)) return { check: 'features', verdict: 'unknown', detail: 'COMMAND INFO is not available' };
  const tell = names.map((name, i) => `${OPTIONAL[name]} ${found[i] ? 'yes' : 'no'} (${name.toUpperCase()})`);
  return { check: 'features', verdict: 'ok', detail: tell.join(', ') };
};

const MIB = 1024 * 1024;

const memory = (info: string): Finding => {
  const used = Number(infoField(info, 'used_memory') ?? Number.NaN);
  const max = Number(infoField(info, 'maxmemory') ?? Number.NaN);
  if (Number.isNaN(used) || Number.isNaN(max)) {
    return { check: 'memory', verdict: 'unknown', detail: 'the server does not report its memory' };
  }
  const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
  return max === 0
    ? { check: 'memory', verdict: 'ok', detail: `${mib(used)} used; maxmemory is not set, so nothing stops its growth` }
    : { check: 'memory', verdict: used > max ? 'warning' : 'ok', detail: `${mib(used)} of ${mib(max)} used` };
};

const SKEW_MS = 5000;

const clock = async (redis: Redis): Promise<Finding> => {
  const asked = Date.now();
  const time = await redis.time().catch((error: unknown) => {
    if (!isTakenAway(error)) throw error;
  });
  if (time === undefined) {
    const detail = 'this user may not run TIME, which Functions need for leases, retries and windows; allow it';
    return { check: 'clock', verdict: 'refuse', detail };
  }
  const [seconds, micros] = time as unknown as [number | string, number | string];
  const middle = (asked + Date.now()) / 2;
  const skew = Math.round(Number(seconds) * 1000 + Number(micros) / 1000 - middle);
  return {
    check: 'clock',
    verdict: Math.abs(skew) > SKEW_MS ? 'warning' : 'ok',
    detail: `the clock of Redis is ${Math.abs(skew)} ms ${skew < 0 ? 'behind' : 'ahead of'} ours`,
  };
};

/**
 * INFO of a server that has its data: while it loads, it says for one that its AOF is off. Empty where it is taken away. Throws
 * `Unavailable`.
 */
export const loadedInfo = async (redis: Redis): Promise<string> => {
  const info = await infoOf(redis);
  if (infoField(info, 'loading') === '1') throw new Unavailable('Redis: LOADING its data');
  return info;
};

/** Where INFO does not tell it. CONFIG is often forbidden: it tells passwords too. */
const policyOf = async (redis: Redis): Promise<string | undefined> => {
  const answer = await redis.config('GET', 'maxmemory-policy').catch(() => []);
  return (answer as string[])[1];
};

const examineServer = async (redis: Redis): Promise<Finding[]> => {
  const info = await loadedInfo(redis);
  const policy = infoField(info, 'maxmemory_policy') ?? (await policyOf(redis));
  return [
    info === '' ? { check: 'version', verdict: 'warning', detail: WITHOUT_INFO } : version(info),
    await features(redis),
    eviction(policy),
    persistence(info),
    memory(info),
    await clock(redis),
    await functions(redis),
  ];
};

/** Looks at the server: can the promises be kept on it? Rejects with `Unavailable` if it cannot be reached. */
export const examine = (redis: Connection): Promise<Finding[]> => examineEach(redis, examineServer);

const VERDICTS: readonly Finding['verdict'][] = ['ok', 'unknown', 'warning', 'refuse'];

/**
 * Looks at a server, or at every primary of a cluster: then each finding is the worst of them, and says of which it is where
 * they differ. `look` gives the same checks of each. Rejects with `Unavailable`.
 */
export const examineEach = async (
  redis: Connection,
  look: (primary: Redis) => Promise<readonly Finding[]>,
): Promise<Finding[]> => {
  const all = await ofEachPrimary(redis, async (primary) => ({ node: nameOf(primary), found: await look(primary) }));
  const checks = all[0]?.found ?? [];
  return checks.map((_, i) => worstOf(all.map(({ node, found }) => ({ node, finding: found[i] as Finding }))));
};

const worstOf = (all: readonly { readonly node: string; readonly finding: Finding }[]): Finding => {
  const rank = ({ verdict }: Finding) => VERDICTS.indexOf(verdict);
  const worst = all.reduce((a, b) => (rank(b.finding) > rank(a.finding) ? b : a));
  const isSame = all.every(({ finding }) => finding.detail === worst.finding.detail);
  return isSame ? worst.finding : { ...worst.finding, detail: `${worst.node}: ${worst.finding.detail}` };
};
