const SHAPE = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,30})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const SPACE = 0x20;
const MINUTE_MS = 60_000;

const two = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;

const yearOf = (text: string): number => two(text, 0) * 100 + two(text, 2);

const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : (DAYS[month - 1] ?? 0);

const isUtc = (text: string): boolean => /[Zz]$/.test(text);

const isInCalendar = (text: string): boolean => {
  if (!SHAPE.test(text)) return false;
  const day = two(text, 8);
  if (day < 1 || day > daysIn(yearOf(text), two(text, 5))) return false;
  if (two(text, 11) > 23 || two(text, 14) > 59 || two(text, 17) > 60) return false;
  return isUtc(text) || (two(text, text.length - 5) < 24 && two(text, text.length - 2) < 60);
};

/** Whether text is an RFC 3339 date-time that is in the calendar; a leap second (`:60`) is accepted, a space for the `T` is not. */
export const isTimestamp = (text: string): boolean => text.charCodeAt(10) !== SPACE && isInCalendar(text);

/**
 * Unix milliseconds of an RFC 3339 date-time; undefined where it is none or not in the calendar (30 February, which `Date.parse`
 * takes for 2 March). What is finer than a millisecond is cut off. A leap second is the one after it, as in Postgres. A space for
 * the `T` is taken: section 5.6 leaves it to the reader.
 */
export const timestampMs = (text: string): number | undefined => {
  if (!isInCalendar(text)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(yearOf(text), two(text, 5) - 1, two(text, 8));
  date.setUTCHours(two(text, 11), two(text, 14), two(text, 17), millisecondsOf(text));
  return date.getTime() - offsetMs(text);
};

const millisecondsOf = (text: string): number =>
  text[19] === '.' ? Number((/\d+/.exec(text.slice(20))?.[0] ?? '').slice(0, 3).padEnd(3, '0')) : 0;

const offsetMs = (text: string): number => {
  if (isUtc(text)) return 0;
  const minutes = two(text, text.length - 5) * 60 + two(text, text.length - 2);
  return (text.at(-6) === '-' ? -minutes : minutes) * MINUTE_MS;
};
