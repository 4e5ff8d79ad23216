import { timestampMs } from '@millrace/events';
import { parseDuration, RequestRefused } from '@millrace/host';
import type { PipeTransform } from '@nestjs/common';
import { refusal } from './problems.js';

const ID = /^\d{1,16}(-\d{1,16}(\.\d{1,4})?)?$/;

/** The pipe that reads a part of a request by a function, which throws a problem where it cannot be read. */
export const by = <From, To>(transform: (sent: From) => To): PipeTransform<From, To> => ({ transform });

/** The 400 of a parameter that is not what it takes; of a member of a body `pointer` says where that stands. */
export const refused = (name: string, value: string, takes: string, pointer = name): RequestRefused =>
  refusal('bad-request', 400, `${name} must be ${takes}, got "${value.slice(0, 100)}"`, pointer);

/** A time with its zone, or a day in UTC. */
const timeOf = (value: string): number | undefined => {
  const time = timestampMs(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value);
  return time === undefined || time < 0 ? undefined : time;
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
    throw refused(name, value, 'a time such as 2026-01-31T12:00:00Z, Unix milliseconds or a stream id', pointer);
  return String(time);
};

/** An end of a range in Unix milliseconds: of those, or of an RFC 3339 time; undefined where there is none. Throws a 400. */
export const readTime = (name: string, value: string | undefined, pointer: string = name): number | undefined => {
  if (value === undefined) return undefined;
  const time = /^\d{1,15}$/.test(value) ? Number(value) : timeOf(value);
  if (time === undefined)
    throw refused(name, value, 'a time such as 2026-01-31T12:00:00Z, or Unix milliseconds', pointer);
  return time;
};

/** Milliseconds of a bucket like `1m`; undefined where there is none. Throws a 400. */
export const readBucket = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const bucketMs = parseDuration(value);
  if (!bucketMs) throw refused(name, value, 'a duration like 10s, 1m or 24h');
  return bucketMs;
};
