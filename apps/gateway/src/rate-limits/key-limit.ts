import type { RateLimit } from '@millrace/api-keys';
import type { Taken } from '@millrace/streams/redis';

/** What is known of a key's bucket when something was asked of it. */
export interface Standing {
  /** Events that may still come at once. */
  readonly remaining: number;
  /** Milliseconds until the request would be let in; 0 for one that was. */
  readonly waitMs: number;
}

/** Takes from the bucket in Redis. */
export type Take = (needed: number, welcome: number) => Promise<Taken>;

/** For how long one process may go on without asking again. */
const LEASE_MS = 100;
/** For how long a failure of the bucket stands for all: each request would wait for its own time-out otherwise. */
const FAILED_MS = 200;

/**
 * The limit of one key in one process. It takes what comes within a tenth of a second in advance, so that Redis is asked ten
 * times a second and not at each request; what it has so and does not use within that time it gives up. Where the limit is
 * of less than ten events a second each request asks.
 */
export class KeyLimit {
  private readonly lease: number;
  private leased = 0;
  private leasedUntil = 0;
  private left = 0;
  /** While it is known that so many are too many. */
  private refused = { from: Number.POSITIVE_INFINITY, until: 0 };
  /** What the bucket failed with last. */
  private failed: { readonly error: unknown; readonly until: number } | undefined;
  private asking: Promise<unknown> = Promise.resolve();
  private queued = 0;

  constructor(
    readonly limit: RateLimit,
    private readonly takeFromBucket: Take,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lease = Math.floor((limit.events * LEASE_MS) / limit.windowMs);
  }

  /** Takes so many events, all or none. Rejects as the bucket does, and then at once for a moment. */
  take(events: number): Promise<Standing> | Standing {
    if (this.queued === 0) {
      const standing = this.atOnce(events);
      if (standing !== undefined) return standing;
    }
    this.queued += 1;
    // One after the other: the first fills the lease, from which the others take.
    const standing = this.asking.then(() => this.atOnce(events) ?? this.ask(events));
    this.asking = standing.catch(() => undefined).finally(() => (this.queued -= 1));
    return standing;
  }

  private atOnce(events: number): Standing | undefined {
    const now = this.now();
    if (now >= this.leasedUntil) this.leased = 0;
    if (this.leased >= events) {
      this.leased -= events;
      return this.standing(0);
    }
    if (events >= this.refused.from && now < this.refused.until) return this.standing(this.refused.until - now);
    return undefined;
  }

  private async ask(events: number): Promise<Standing> {
    if (this.failed !== undefined && this.now() < this.failed.until) throw this.failed.error;
    const taken = await this.takeFromBucket(events - this.leased, this.lease).catch((error: unknown) => {
      this.failed = { error, until: this.now() + FAILED_MS };
      throw error;
    });
    this.failed = undefined;
    const now = this.now();
    this.left = taken.left;
    if (!taken.ok) {
      this.refused = { from: events, until: now + taken.waitMs };
      return this.standing(taken.waitMs);
    }
    this.refused = { from: Number.POSITIVE_INFINITY, until: 0 };
    this.leased = taken.more;
    this.leasedUntil = now + LEASE_MS;
    return this.standing(0);
  }

  private standing(waitMs: number): Standing {
    return { remaining: Math.max(0, this.left + this.leased), waitMs };
  }
}
