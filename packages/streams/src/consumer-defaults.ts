import type { ConsumerOptions } from './contract.js';
import { exponentialDelay } from './time/retry-schedule.js';

const DAY_MS = 86_400_000;

/** The options with what they leave out. Throws a RangeError of one sentence where a number cannot be. */
export const withDefaults = (options: ConsumerOptions, name: string): Required<ConsumerOptions> =>
  checked({
    maxBatch: 500,
    maxWaitMs: 0,
    claimAfterMs: 30_000,
    maxAttempts: 5,
    maxRetryAgeMs: DAY_MS,
    retryDelayMs: exponentialDelay(),
    order: 'none',
    hop: options.group,
    name,
    ...options,
  });

const checked = (options: Required<ConsumerOptions>): Required<ConsumerOptions> => {
  for (const [name, least] of LEAST) {
    const value = options[name];
    if (!(value >= least)) throw new RangeError(`${name} must be a number of at least ${least}, got ${value}`);
  }
  return options;
};

const LEAST = [
  ['maxBatch', 1],
  ['maxWaitMs', 0],
  ['claimAfterMs', 1],
  ['maxAttempts', 1],
  ['maxRetryAgeMs', 0],
  ['partition', 0],
] as const;
