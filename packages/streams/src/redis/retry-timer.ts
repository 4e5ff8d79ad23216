import type { Functions } from './functions.js';

const MOVES = 500;
/** Timers of Node hold 2^31 ms; and a clock that was set is noticed within the hour. */
const LONGEST_WAIT_MS = 3_600_000;
const AFTER_AN_ERROR_MS = 1000;

/** Moves parked deliveries to the `again` stream when they are due. Sleeps until then: it polls nothing. */
export class RetryTimer {
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  private stopped = false;

  constructor(
    private readonly functions: Functions,
    /** Parked due times, parked payloads, `again`. */
    private readonly keys: readonly string[],
    private readonly onError: (error: Error) => void,
  ) {}

  /** The next delivery is due in `ms`; -1 says that there is none. */
  wakeIn(ms: number): void {
    if (this.stopped || ms < 0) return;
    const at = Date.now() + ms;
    if (at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => void this.move(), Math.min(ms, LONGEST_WAIT_MS));
  }

  /** Moves what is due now, and sets the timer for what is not. */
  async move(): Promise<void> {
    clearTimeout(this.timer);
    this.dueAt = Number.POSITIVE_INFINITY;
    try {
      const [moved, next] = (await this.functions.call('due', this.keys, [MOVES])) as [number, number];
      this.wakeIn(moved === MOVES ? 0 : next);
    } catch (error) {
      if (this.stopped) return;
      this.onError(error as Error);
      this.wakeIn(AFTER_AN_ERROR_MS);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
