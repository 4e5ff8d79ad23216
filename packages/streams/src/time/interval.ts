/**
 * Milliseconds of a clock that only goes forward. Intervals are measured by it: `Date.now()` is set back and forth under a
 * running process, and what waits for it to reach a value may wait for hours. It says nothing to other processes.
 */
export const monotonicMs = (): number => performance.now();

/** Ten years: nothing waits for longer, and sums with it are exact. */
export const LONGEST_DELAY_MS = 315_360_000_000;

/** Timers of Node hold 2^31 - 1 ms; of more, and of what is no number, they make 1 ms. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/** Whole milliseconds from 0 to `mostMs`, whatever was asked for; `otherwise` where it is no number. */
export const withinMs = (ms: number, otherwise: number, mostMs: number): number =>
  Math.max(0, Math.min(Math.round(Number.isNaN(ms) ? otherwise : ms), mostMs));
