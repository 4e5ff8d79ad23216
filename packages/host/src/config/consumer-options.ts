import { type ConsumerOptions, scheduledDelay } from '@millrace/streams';
import type { ConsumerConfig } from './base-config.js';

/** How a process reads its streams, as far as its configuration says. */
export const consumerOptions = (config: ConsumerConfig): Omit<ConsumerOptions, 'group' | 'streams' | 'partition'> => ({
  name: config.CONSUMER_NAME,
  maxBatch: config.BATCH_MAX_SIZE,
  maxWaitMs: config.BATCH_MAX_WAIT_MS,
  claimAfterMs: config.CLAIM_AFTER_MS,
  maxAttempts: config.MAX_ATTEMPTS,
  maxRetryAgeMs: config.RETRY_MAX_AGE,
  retryDelayMs: scheduledDelay(config.RETRY_SCHEDULE),
});
