import TestSequencer from '@jest/test-sequencer';

/** Faults by the clock, then what runs a browser, then what else runs whole pipelines: no two of these at once at the beginning. */
const LONG = [/\/tools\/chaos\//, /\/browser\//, /\/tools\//];

/**
 * Begins with what takes longest, so that no worker is left with it at the end: by the last run where that is known, else by
 * what a test runs.
 */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rankOf = ({ path }) => {
      const rank = LONG.findIndex((pattern) => pattern.test(path));
      return rank < 0 ? LONG.length : rank;
    };
    const sorted = super.sort(tests);
    return sorted.some(({ duration }) => duration !== undefined)
      ? sorted
      : [...sorted].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
