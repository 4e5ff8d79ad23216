import type { Metrics } from '@millrace/host';

/** Counts what went although a group had not settled it, or nobody had acted on it. */
export const forcedCounter = (metrics: Metrics) =>
  metrics.counter('millrace_forced_total', 'Entries trimmed before a consumer group acknowledged them', [
    'topic',
    'group',
  ]);
