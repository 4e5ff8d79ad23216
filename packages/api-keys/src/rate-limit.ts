/** How many events in how long. As many may come at once. */
export interface RateLimit {
  readonly events: number;
  readonly windowMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** The limit of a text like `1000/s`, `100000/m` or `5000000/h`; undefined if the text is none. */
export const parseRateLimit = (text: string): RateLimit | undefined => {
  const [, events, unit] = /^([1-9]\d{0,8})\/([smh])$/.exec(text) ?? [];
  return unit === undefined ? undefined : { events: Number(events), windowMs: UNITS[unit] as number };
};
