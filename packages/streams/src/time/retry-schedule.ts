/** How long to wait before attempt `attempt + 1`, in milliseconds. */
export type RetryDelay = (attempt: number) => number;

/** Delays are spread by up to this share in both directions, so that failures of one moment do not return as one. */
const JITTER = 0.1;

const jittered = (ms: number, random: () => number): number => Math.round(ms * (1 + JITTER * (2 * random() - 1)));

/** 1 s, 2 s, 4 s … up to five minutes, with jitter. */
export const exponentialDelay =
  (random: () => number = Math.random): RetryDelay =>
  (attempt) =>
    jittered(Math.min(1000 * 2 ** (attempt - 1), 300_000), random);

/** The delays of a list in milliseconds, the last one repeated, with jitter. */
export const scheduledDelay = (delaysMs: readonly number[], random: () => number = Math.random): RetryDelay => {
  if (delaysMs.length === 0) throw new RangeError('a retry schedule needs at least one delay');
  return (attempt) => jittered(delaysMs[Math.min(attempt, delaysMs.length) - 1] as number, random);
};
