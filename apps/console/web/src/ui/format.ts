const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** What stands where there is no number. */
export const NONE = '–';

const isNone = (value: number | null | undefined): value is null | undefined =>
  value === null || value === undefined || Number.isNaN(value);

/** 12,345 */
export const count = (value: number | null | undefined): string => (isNone(value) ? NONE : whole.format(value));

/** 12.3K from ten thousand on. */
export const compact = (value: number | null | undefined): string => {
  if (isNone(value)) return NONE;
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
};

/** 0.4/s, 12/s, 1.2K/s */
export const rate = (perSecond: number | undefined): string => {
  if (perSecond === undefined) return NONE;
  if (perSecond === 0) return '0/s';
  if (perSecond < 0.1) return '<0.1/s';
  return `${perSecond < 10 ? Math.round(perSecond * 10) / 10 : compact(perSecond)}/s`;
};

export const sample = (value: number | null | undefined): string => {
  if (isNone(value)) return NONE;
  return Math.abs(value) >= 1000 ? whole.format(value) : fine.format(value);
};

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** 1.5 MB, of 1024 KB. */
export const bytes = (value: number | null | undefined): string => {
  if (isNone(value)) return NONE;
  let left = value;
  let unit = 0;
  for (; left >= 1024 && unit < UNITS.length - 1; unit += 1) left /= 1024;
  return `${left >= 100 || unit === 0 ? Math.round(left) : Math.round(left * 10) / 10} ${UNITS[unit]}`;
};

const STEPS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** 350 ms, 12 s, 4 min 10 s, 2 d 3 h: the two largest parts. */
export const duration = (ms: number | null | undefined): string => {
  if (isNone(ms)) return NONE;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const at = STEPS.findIndex(([size]) => ms >= size);
  const [size, name] = STEPS[at] as readonly [number, string];
  const largest = Math.floor(ms / size);
  const next = STEPS[at + 1];
  if (next === undefined) return `${largest} ${name}`;
  const second = Math.floor((ms % size) / next[0]);
  return second === 0 ? `${largest} ${name}` : `${largest} ${name} ${second} ${next[1]}`;
};

/** "12 s ago", "now", "in 4 min" */
export const ago = (at: number | null | undefined, now: number): string => {
  if (isNone(at)) return NONE;
  const ms = now - at;
  if (Math.abs(ms) < 1500) return 'now';
  const coarse =
    Math.abs(ms) < 60_000 ? Math.round(Math.abs(ms) / 1000) * 1000 : Math.round(Math.abs(ms) / 60_000) * 60_000;
  return ms > 0 ? `${duration(coarse)} ago` : `in ${duration(coarse)}`;
};

const two = (value: number, width = 2): string => String(value).padStart(width, '0');

/** 14:03:22.123 on this day, 2026-11-21 14:03:22 on another; in the time of this machine. */
export const clock = (at: number | null | undefined, now: number = Date.now()): string => {
  if (isNone(at)) return NONE;
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (date.toDateString() === new Date(now).toDateString()) return `${time}.${two(date.getMilliseconds(), 3)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
};

/** "1 event", "12 events" */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** 0.123 as "12 %"; what is not all or nothing is neither 100 nor 0. */
export const percent = (share: number): string => {
  if (share > 0 && share < 0.01) return '<1 %';
  if (share < 1 && share > 0.99) return '>99 %';
  return `${Math.round(share * 100)} %`;
};
