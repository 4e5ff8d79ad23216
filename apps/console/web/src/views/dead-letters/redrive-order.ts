import { duration } from '../../ui/format.js';

const MOST_A_SECOND = 100_000;

/** A redrive as it was typed, with what is known of it. */
export interface TypedRedrive {
  readonly perSecond: number;
  readonly isRate: boolean;
  /** How long it would take; undefined until they are counted. */
  readonly takes?: string;
  readonly refused?: string;
}

/** `count`: how many match; undefined until that is known. */
export const redriveOf = (typed: string, count: number | undefined): TypedRedrive => {
  const perSecond = Number(typed);
  const isRate = Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= MOST_A_SECOND;
  if (!isRate) return { perSecond, isRate, refused: 'The rate must be a whole number from 1 to 100,000.' };
  if (count === undefined) return { perSecond, isRate, refused: 'Still counting.' };
  const takes = `takes about ${duration(Math.max(1, count / perSecond) * 1000)}`;
  return { perSecond, isRate, takes, ...(count === 0 ? { refused: 'No dead letter matches.' } : {}) };
};
