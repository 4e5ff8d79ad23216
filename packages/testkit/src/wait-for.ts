import { setTimeout as pause } from 'node:timers/promises';

/** How long to wait and what for, in words that complete "waited 5000 ms for …". */
export interface WaitOptions {
  /** Default 10,000. */
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
  { timeoutMs = 10_000, what, everyMs = 10 }: WaitOptions,
): Promise<T> => {
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
