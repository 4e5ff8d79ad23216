import { timestampMs } from '@millrace/events';
import { UsageError } from '../errors.js';

/** A time as people read it, in their own zone: `2026-01-31 12:00:05`. */
export const timeOf = (ms: number): string => localOf(ms).slice(0, 19).replace('T', ' ');

/** The same within a day: `12:00:05.123`. */
export const clockOf = (ms: number): string => localOf(ms).slice(11, 23);

const localOf = (ms: number): string => {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return Number.isNaN(date.getTime()) ? '?'.padEnd(24, '?') : date.toISOString();
};

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** A length of time in one unit: `340 ms`, `5 s`, `12 min`, `3 h`, `4 d`. */
export const spanOf = (ms: number): string => {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 2 * UNITS.m) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * UNITS.h) return `${Math.round(ms / UNITS.m)} min`;
  if (ms < 2 * UNITS.d) return `${Math.round(ms / UNITS.h)} h`;
  return `${Math.round(ms / UNITS.d)} d`;
};

/** How long ago, as `5 s`; `-` where it never was. */
export const agoOf = (at: number | null | undefined, now = Date.now()): string =>
  at === null || at === undefined ? '-' : spanOf(now - at);

/**
 * An end of a range as the API takes it. It takes a time, Unix milliseconds and a stream id; of ours are `now`, and so
 * long ago as `15m`, `2h` or `7d`. Throws a `UsageError`.
 */
export const pointOf = (text: string, now = Date.now()): string => {
  if (text === 'now') return String(now);
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return String(Math.max(0, now - Number(count) * UNITS[unit as keyof typeof UNITS]));
  if (/^\d{1,16}(-\d{1,16}(\.\d{1,4})?)?$/.test(text)) return text;
  const time = timestampMs(text) ?? localMs(text);
  if (time !== undefined) return String(time);
  throw new UsageError(
    `"${text}" is not a time; expected 2026-01-31T12:00:00Z, Unix milliseconds, a stream id, now, or an age such as 15m, 2h, 7d`,
  );
};

/** A time without its zone, as `timeOf` shows it: of this machine's zone. A day alone begins in UTC. */
const localMs = (text: string): number | undefined => {
  const [, day, time = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?$/.exec(text) ?? [];
  const isThere = timestampMs(`${day}T${time.length === 5 ? `${time}:00` : time}Z`) !== undefined;
  return isThere ? Date.parse(text) : undefined;
};

/** A number of bytes: `340 B`, `1.2 KiB`, `5.0 MiB`. */
export const bytesOf = (bytes: number | null | undefined): string => {
  if (bytes === null || bytes === undefined) return '-';
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
};
