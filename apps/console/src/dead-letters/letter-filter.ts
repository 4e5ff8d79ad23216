import type { DeadLetterQuery, DeadLetterFilter as SentFilter } from '@millrace/admin-api';
import { readPoint, refused } from '../contract/points.js';
import { type DeadLetterFilter, LetterCursor } from './dead-letter-finder.js';

const filterAt = ({ from, to, ...filter }: SentFilter, at?: string): DeadLetterFilter => ({
  ...filter,
  from: readPoint('from', from, '-', at && `${at}/from`),
  to: readPoint('to', to, '+', at && `${at}/to`),
});

/** The filter of a query, with its ends as stream ids. Throws a 400. */
export const filterOf = ({ limit: _limit, cursor: _cursor, ...filter }: DeadLetterQuery): DeadLetterFilter =>
  filterAt(filter);

/** The filter of a body, likewise. */
export const filterOfBody = (filter: SentFilter): DeadLetterFilter => filterAt(filter, '/filter');

/** Where a list goes on. Throws a 400. */
export const letterCursorOf = (text: string | undefined): LetterCursor | undefined => {
  if (text === undefined) return undefined;
  const cursor = LetterCursor.parse(text);
  if (cursor === undefined) throw refused('cursor', text, 'the `next` of an earlier answer');
  return cursor;
};
