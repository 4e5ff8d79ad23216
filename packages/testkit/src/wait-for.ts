import { setTimeout as pause } from 'node:timers/promises';

const LEAST_MS = 10_000;
const DEFAULT_MS = 30_000;

/** How long to wait and what for, in words that complete "waited 5000 ms for …". */
export interface WaitOptions {
  /** Default 30,000, least 10,000: a wait that a busy machine makes fail is a test of its speed. */
  readonly timeoutMs?: number;
  readonly what: string;
  /** Time between two looks, in milliseconds. Default 10. */
  readonly everyMs?: number;
}

/**
 * Asks until the condition gives something other than `undefined` or `false`, and gives that. A condition that throws
 * is asked again; its last error is the `cause` if time runs out.
 */
export const waitFor = async <T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = DEFAULT_MS, what, everyMs = 10 }: WaitOptions,
): Promise<T> => {
  if (timeoutMs < LEAST_MS) throw new RangeError(`timeoutMs must be at least ${LEAST_MS}, got ${timeoutMs}`);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause });
    await pause(everyMs);
  }
};
