import { timestampMs } from '@millrace/events';
import { parseDuration, problem, RequestRefused } from '@millrace/host';

const ID = /^\d{1,16}(-\d{1,16}(\.\d{1,4})?)?$/;
const MOST = 1000;

/** The 400 of a parameter that is not what it takes; of a member of a body `pointer` says where that stands. */
export const refused = (name: string, value: string, takes: string, pointer = name): RequestRefused =>
  new RequestRefused(problem('bad-request', 400, `${name} is "${value.slice(0, 100)}"; it takes ${takes}`, pointer));

/** A time with its zone, or a day in UTC. */
const timeOf = (value: string): number | undefined => {
  const time = timestampMs(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value);
  return time === undefined || time < 0 ? undefined : time;
};

/** How many to give: a whole number from 1 to 1000. Throws a 400. */
export const readLimit = (value: string | undefined, fallback: number): number => {
  if (value === undefined) return fallback;
  const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > MOST) throw refused('limit', value, `a whole number from 1 to ${MOST}`);
  return limit;
};

/** An end of a range as a stream id: of an id, of Unix milliseconds or of an RFC 3339 time. Throws a 400. */
export const readPoint = (
  name: string,
  value: string | undefined,
  fallback: '-' | '+',
  pointer: string = name,
): string => {
  if (value === undefined) return fallback;
  if (ID.test(value)) return value;
  const time = timeOf(value);
  if (time === undefined)
    throw refused(name, value, 'a time as 2026-01-31T12:00:00Z, Unix milliseconds or a stream id', pointer);
  return String(time);
};

/** An end of a range in Unix milliseconds: of those, or of an RFC 3339 time; undefined where there is none. Throws a 400. */
export const readTime = (name: string, value: string | undefined, pointer: string = name): number | undefined => {
  if (value === undefined) return undefined;
  const time = /^\d{1,15}$/.test(value) ? Number(value) : timeOf(value);
  if (time === undefined) throw refused(name, value, 'a time as 2026-01-31T12:00:00Z, or Unix milliseconds', pointer);
  return time;
};

/** Milliseconds of a bucket like `1m`; undefined where there is none. Throws a 400. */
export const readBucket = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const bucketMs = parseDuration(value);
  if (!bucketMs) throw refused(name, value, 'a duration like 10s, 1m or 24h');
  return bucketMs;
};

/** True or false, which it is where it is left out. Throws a 400. */
export const readFlag = (name: string, value: string | undefined): boolean => {
  if (value !== undefined && value !== 'true' && value !== 'false') throw refused(name, value, 'true or false');
  return value === 'true';
};

/** Where a history goes on: below the version that a `next` or a `before` names. Throws a 400. */
export const readVersionsBelow = ({ before, cursor }: Readonly<Record<string, string>>): number | undefined =>
  cursor === undefined ? readWhole('before', before) : readWhole('cursor', cursor);

/** A page of a history, and where the next one begins; null at the end. */
export const pageOfHistory = <T extends { readonly version: number }>(
  changes: T[],
  limit: number,
): { readonly changes: T[]; readonly next: string | null } => {
  const last = changes.length < limit ? undefined : changes.at(-1);
  return { changes, next: last === undefined || last.version <= 1 ? null : String(last.version) };
};

/** A whole number from 0 on; undefined where there is none. Throws a 400. */
export const readWhole = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw refused(name, value, 'a whole number');
  return Number(value);
};
