import type { DeadLetterFilter as SentFilter } from '@millrace/admin-api';
import { readPoint } from '../contract/points.js';
import type { DeadLetterFilter } from './dead-letters.js';

/** The filter of a query, or of a body where it stands at a pointer. Throws a 400 where an end of the range is none. */
export const filterOf = ({ from, to, ...filter }: SentFilter, at?: string): DeadLetterFilter => ({
  ...filter,
  from: readPoint('from', from, '-', at && `${at}/from`),
  to: readPoint('to', to, '+', at && `${at}/to`),
});
