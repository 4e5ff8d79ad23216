/** From how many events a second on it is a load. Below, a read is never put off. */
const LOAD_PER_MS = 4;
/** A batch that is worth its round trips. */
const WORTHWHILE = 100;
const LONGEST_MS = 5;
/** Over what time the rate is taken. */
const WINDOW_MS = 100;

/**
 * Puts reads off a little under load, so that each brings more: a batch costs a consumer and Redis about 300 µs whatever
 * is in it, which at 37 events a batch is as much as the events themselves. Pure: knows no clock but the one handed in.
 */
export class Pacer {
  private perMs = 0;
  private readAt = 0;

  /** That many events were read now. */
  read(events: number, now: number): void {
    const passed = Math.max(1, now - this.readAt);
    const weight = 1 - Math.exp(-passed / WINDOW_MS);
    this.perMs += (events / passed - this.perMs) * weight;
    this.readAt = now;
  }

  /** How long to wait before the next read, in milliseconds; 0 where there is no load, or batches are full enough. */
  delayMs(limit: number, now: number): number {
    const worthwhile = Math.min(WORTHWHILE, limit);
    if (this.perMs < LOAD_PER_MS) return 0;
    return Math.max(0, Math.min(LONGEST_MS, Math.floor(worthwhile / this.perMs - (now - this.readAt))));
  }
}
