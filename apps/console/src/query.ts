import { problem, RequestRefused } from '@millrace/host';

const ID = /^\d{1,16}(-\d{1,16})?$/;
const MOST = 1000;

const refused = (name: string, value: string, takes: string): RequestRefused =>
  new RequestRefused(problem('bad-request', 400, `${name} is "${value.slice(0, 100)}"; it takes ${takes}`));

/** How many to give: a whole number from 1 to 1000. Throws a 400. */
export const readLimit = (value: string | undefined, fallback: number): number => {
  if (value === undefined) return fallback;
  const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > MOST) throw refused('limit', value, `a whole number from 1 to ${MOST}`);
  return limit;
};

/** An end of a range as a stream id: of an id, of Unix milliseconds or of an RFC 3339 time. Throws a 400. */
export const readPoint = (name: string, value: string | undefined, fallback: '-' | '+'): string => {
  if (value === undefined) return fallback;
  if (ID.test(value)) return value;
  const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time) || time < 0) throw refused(name, value, 'a time, Unix milliseconds or a stream id');
  return String(time);
};

/** A whole number from 0 on; undefined where there is none. Throws a 400. */
export const readWhole = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw refused(name, value, 'a whole number');
  return Number(value);
};
