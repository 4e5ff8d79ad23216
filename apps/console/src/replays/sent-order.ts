import type { ReplayOrder as SentOrder } from '@millrace/admin-api';
import { readPoint } from '../contract/points.js';
import type { ReplayOrder } from './replay.js';

/** The order of a body. Throws a 400 where an end of the range is none. */
export const orderOf = ({ from, to, pattern, unfiltered, ...order }: Omit<SentOrder, 'dryRun'>): ReplayOrder => ({
  ...order,
  from: readPoint('from', from, '-', '/from'),
  to: readPoint('to', to, '+', '/to'),
  pattern: pattern ?? null,
  ...(unfiltered ? { unfiltered } : {}),
});
