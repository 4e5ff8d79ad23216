const SHAPE = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,30})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const two = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;

const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : (DAYS[month - 1] ?? 0);

/** Whether text is an RFC 3339 date-time that is in the calendar; a leap second (`:60`) is accepted. */
export const isTimestamp = (text: string): boolean => {
  if (!SHAPE.test(text)) return false;
  const day = two(text, 8);
  if (day < 1 || day > daysIn(two(text, 0) * 100 + two(text, 2), two(text, 5))) return false;
  if (two(text, 11) > 23 || two(text, 14) > 59 || two(text, 17) > 60) return false;
  const last = text.charCodeAt(text.length - 1);
  return last === 0x5a || last === 0x7a || (two(text, text.length - 5) < 24 && two(text, text.length - 2) < 60);
};
