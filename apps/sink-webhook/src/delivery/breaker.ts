/** When a breaker opens, and for how long. */
export interface BreakerOptions {
  /** Failures in a row. */
  readonly after: number;
  /** How long it is open the first time, in milliseconds; twice as long each further time, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Keeps requests from an endpoint that fails again and again: when it is open nothing is sent, and after a while one
 * request tells whether that was enough. Pure: knows no clock but the one handed in,
 * milliseconds from anywhere.
 */
export class Breaker {
  private failures = 0;
  private openings = 0;
  private until = Number.NEGATIVE_INFINITY;
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: BreakerOptions) {}

  /** How long nothing is to be sent, in milliseconds; 0 where it is closed, or one request may be tried. */
  openForMs(now: number): number {
    return Math.max(0, this.until - now, this.restUntil - now);
  }

  /** It closes at once: what was in flight when it opened may be what tells that the endpoint is well. */
  succeeded(): void {
    this.failures = 0;
    this.openings = 0;
    this.until = Number.NEGATIVE_INFINITY;
  }

  /** True where this failure opens it. */
  failed(now: number): boolean {
    this.failures += 1;
    // What was tried after it was open opens it again at once.
    if (this.failures < this.options.after && this.openings === 0) return false;
    if (this.until > now) return false; // Requests that were in flight when it opened.
    const { firstMs, longestMs } = this.options;
    this.until = now + Math.min(longestMs, firstMs * 2 ** this.openings);
    this.openings += 1;
    return true;
  }

  /** The endpoint asks for less: nothing is sent for so long, whatever answers come to what was sent before. */
  rest(now: number, ms: number): void {
    this.restUntil = Math.max(this.restUntil, now + ms);
  }
}
