import type { Entry } from '../../entry.js';

/**
 * Renews what is in flight every third of `claimAfterMs`, for as long as something in it is unsettled, so that a slow
 * target does not look like a dead consumer. Gives a function that ends it.
 */
export const keepAlive = (
  unsettled: () => Iterable<Entry>,
  claimAfterMs: number,
  renew: (entries: Entry[]) => Promise<unknown>,
  onError: (error: Error) => void,
): (() => void) => {
  const timer = setInterval(() => {
    const entries = [...unsettled()];
    if (entries.length > 0) renew(entries).catch(onError);
  }, claimAfterMs / 3);
  return () => clearInterval(timer);
};
