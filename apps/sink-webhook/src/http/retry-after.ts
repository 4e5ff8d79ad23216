/** A server that says 0 would burn all attempts at once; one that says a year has made a mistake. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 86_400_000;

const SECONDS = /^\d+$/;
/** The three forms of RFC 9110: IMF-fixdate, RFC 850 and asctime, which has no zone and means GMT. */
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*day)?,? .*(\d| GMT)$/;

/**
 * The milliseconds that a `Retry-After` header asks for, at least a second and at most a day; undefined where there is
 * none or it is neither seconds nor an HTTP date. `now` is Unix milliseconds.
 */
export const parseRetryAfter = (header: string | string[] | undefined, now: number): number | undefined => {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  const ms = SECONDS.test(text) ? Number(text) * 1000 : dateOf(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS);
};

const dateOf = (text: string): number =>
  DATE.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;
