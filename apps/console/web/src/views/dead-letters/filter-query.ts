import type { DeadLetterFilter, DeadLetterGroups } from '@millrace/admin-api';

export const FILTER_NAMES = ['hop', 'group', 'error', 'stream', 'type', 'text', 'from', 'to'] as const;

export const filterOfQuery = (query: URLSearchParams): DeadLetterFilter =>
  Object.fromEntries(FILTER_NAMES.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));

export const isNarrowed = (filter: DeadLetterFilter): boolean => Object.values(filter).some((value) => value !== '');

/** A filter in words: "error TypeError, group sink-postgres". */
export const inWords = (filter: DeadLetterFilter): string => {
  const ends = new Set(['-', '+', '']);
  const parts = Object.entries(filter).flatMap(([name, value]) => (ends.has(value) ? [] : [`${name} ${value}`]));
  return parts.length === 0 ? 'all dead letters' : parts.join(', ');
};

/** What a look at the newest found: dead letters, none at all, or none yet, as there are more than were looked at. */
export const foundIn = ({ total, looked, errors }: DeadLetterGroups): 'some' | 'none' | 'none yet' => {
  if (errors.length > 0) return 'some';
  return looked >= total ? 'none' : 'none yet';
};
