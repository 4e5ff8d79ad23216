import { LONGEST_DELAY_MS, withinMs } from '../../time/interval.js';
import { PeriodicTask } from '../../time/periodic-task.js';
import type { Functions } from '../functions/functions.js';

const MOVES = 500;
/** A clock of Redis that was set is noticed within so long. */
const LONGEST_WAIT_MS = 60_000;
const AFTER_AN_ERROR_MS = 1000;

/** Moves parked deliveries to the `again` stream when they are due. Sleeps until then: it polls nothing. */
export class RetryTimer {
  private readonly moving = new PeriodicTask(() => this.move(), { onError: (error) => this.onError(error) });
  private stopped = false;

  constructor(
    private readonly functions: Functions,
    /** Parked due times, parked payloads, `again`. */
    private readonly keys: readonly string[],
    /** Longest that a delivery may have to wait. */
    private readonly longestMs: number,
    private readonly onError: (error: Error) => void,
  ) {}

  /** The next delivery is due in `ms`; -1 says that there is none. */
  wakeIn(ms: number): void {
    if (ms >= 0) this.moving.start(Math.min(ms, LONGEST_WAIT_MS));
  }

  /** Moves what is due now, and sets the timer for what is not. */
  async move(): Promise<void> {
    try {
      const longest = withinMs(this.longestMs, 0, LONGEST_DELAY_MS);
      const [, next] = (await this.functions.call('due', this.keys, [MOVES, longest])) as [number, number];
      this.wakeIn(next);
    } catch (error) {
      if (this.stopped) return;
      this.onError(error as Error);
      this.wakeIn(AFTER_AN_ERROR_MS);
    }
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.moving.stop();
  }
}
