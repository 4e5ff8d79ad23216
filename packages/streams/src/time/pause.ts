import { setMaxListeners } from 'node:events';
import { LONGEST_TIMER_MS, withinMs } from './interval.js';

/** Waits, or until the signal aborts; what is no number of milliseconds is no time, and what no timer takes is the longest. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, withinMs(ms, 0, LONGEST_TIMER_MS));
    signal.addEventListener('abort', done, { once: true });
  });

/** 100 ms, doubled with each failure in a row, up to 5 s. */
export const backoff = (failures: number): number => Math.min(100 * 2 ** (failures - 1), 5000);

/** An abort that many may wait for at the same time: Node takes more than ten listeners of one signal for a leak. */
export const sharedAbort = (): AbortController => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
};
