const [MINUTE, DAY] = [60_000, 86_400_000];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** A time on an axis whose ticks are so far apart, in the time of this machine: 12:03:10, 12:03, 21 Nov, Nov 2026, 2026. */
export const tickTime = (at: number, step: number): string => {
  const date = new Date(at);
  const [month, year] = [MONTHS[date.getMonth()] ?? '', date.getFullYear()];
  if (step >= 300 * DAY) return String(year);
  if (step >= 27 * DAY) return `${month} ${year}`;
  if (step >= DAY || (date.getHours() === 0 && date.getMinutes() === 0)) return `${date.getDate()} ${month}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step >= MINUTE ? time : `${time}:${two(date.getSeconds())}`;
};

const MOST_DIGITS = 6;

/** Digits after the point that a step has: 2.5 has one. */
const digitsOf = (step: number): number => {
  for (let digits = 0; digits < MOST_DIGITS; digits += 1) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < scaled / 1000) return digits;
  }
  return MOST_DIGITS;
};

/** A value on an axis whose ticks are so far apart: as many digits as tell one from the next. */
export const tickValue = (value: number, step: number): string => {
  const digits = digitsOf(step);
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};
