import type { Principal, RateLimit } from '@millrace/api-keys';
import { type Metrics, problem, RequestRefused } from '@millrace/host';
import { Unavailable } from '@millrace/streams';
import type { TokenBuckets } from '@millrace/streams/redis';
import { KeyLimit, type Standing } from './key-limit.js';

/** Headers that tell of a limit. */
export type LimitHeaders = Readonly<Record<string, string>>;

const NO_HEADERS: LimitHeaders = {};
/** Name of the one policy that there is, in the headers. */
const POLICY = '"events"';
/** Who comes without a key where none is asked for: all together have one bucket. */
const OPEN = 'open';

/** The events that each key may publish in a time, by buckets that all gateways share. */
export class RateLimits {
  private readonly limits = new Map<string, KeyLimit>();
  private readonly refusals;

  constructor(
    private readonly buckets: TokenBuckets,
    /** Of keys that have no limit of their own; without it none. */
    private readonly fallback: RateLimit | undefined,
    metrics: Metrics,
  ) {
    this.refusals = metrics.counter(
      'millrace_rate_limited_total',
      'Events rejected by the rate limit of their API key',
      ['key'],
    );
  }

  /**
   * Takes so many events of a key's limit, and gives the headers that tell of it; nothing is paid where there is no limit.
   * Throws a 429 where they are too many.
   */
  async take(principal: Principal, events: number): Promise<LimitHeaders> {
    const limit = principal.rateLimit ?? this.fallback;
    if (limit === undefined || events === 0) return NO_HEADERS;
    const standing = await this.standingOf(this.limitOf(principal, limit), events);
    if (standing === undefined) return NO_HEADERS;
    const headers = headersOf(limit, standing);
    if (standing.waitMs <= 0) return headers;
    this.refusals.inc({ key: principal.name || OPEN }, events);
    const detail = `The rate limit of this API key is ${limit.events} events in ${limit.windowMs / 1000} s`;
    const told = { ...problem('rate-limited', 429, detail), title: 'The rate limit of the API key is exceeded' };
    throw new RequestRefused(told, {
      ...headers,
      'retry-after': String(secondsOf(standing.waitMs)),
    });
  }

  /** Nothing where Redis is away: the append itself will say so. */
  private async standingOf(limit: KeyLimit, events: number): Promise<Standing | undefined> {
    try {
      return await limit.take(events);
    } catch (error) {
      if (error instanceof Unavailable) return undefined;
      throw error;
    }
  }

  private limitOf({ id }: Principal, limit: RateLimit): KeyLimit {
    const name = id || OPEN;
    const known = this.limits.get(name);
    if (known !== undefined && isSame(known.limit, limit)) return known;
    const { events: tokens, windowMs } = limit;
    const made = new KeyLimit(limit, (needed, welcome) =>
      this.buckets.take(name, { tokens, windowMs }, needed, welcome),
    );
    this.limits.set(name, made);
    return made;
  }
}

const isSame = (a: RateLimit, b: RateLimit): boolean => a.events === b.events && a.windowMs === b.windowMs;

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** As draft-ietf-httpapi-ratelimit-headers-10 has them: the policy, and what is left of it. */
const headersOf = ({ events, windowMs }: RateLimit, { remaining, waitMs }: Standing): LimitHeaders => ({
  'ratelimit-policy': `${POLICY};q=${events};w=${windowMs / 1000};qu="events"`,
  ratelimit: `${POLICY};r=${remaining};t=${secondsOf(waitMs > 0 ? waitMs : ((events - remaining) * windowMs) / events)}`,
});
