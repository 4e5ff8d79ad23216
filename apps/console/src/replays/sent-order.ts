import type { ReplayOrder as SentOrder } from '@millrace/admin-api';
import { readPoint } from '../contract/points.js';
import type { ReplayOrder } from './replay.js';

/** A replay as it is asked for. Throws a 400 where an end of the range is none. */
export const orderOf = ({ from, to, pattern, unfiltered, dryRun: _, ...sent }: SentOrder): ReplayOrder => {
  const range = { from: readPoint('from', from, '-', '/from'), to: readPoint('to', to, '+', '/to') };
  return { ...sent, ...range, pattern: pattern ?? null, ...(unfiltered ? { unfiltered } : {}) };
};
