import type { ConsumerOptions } from './contract.js';
import { exponentialDelay } from './retry-schedule.js';

const DAY_MS = 86_400_000;

/** The options with what they leave out. */
export const withDefaults = (options: ConsumerOptions, name: string): Required<ConsumerOptions> => ({
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
