import { Unavailable } from '../../errors.js';
import { storedWhole } from '../../stored.js';

const RETRY_AFTER_MS = 1000;

/** What the gate of a partition says: for which number of partitions it is open, or by which raise it is closed. */
export interface Gate {
  readonly count: number;
  readonly raise?: string;
}

/** A partition takes nothing in just now, or nothing of those who count another number of partitions. */
export class GateClosed extends Unavailable {
  constructor(
    readonly partition: number,
    readonly gate: Gate,
  ) {
    const why =
      gate.raise === undefined ? `the partition count is now ${gate.count}` : 'a partition increase is in progress';
    super(`temporarily not accepting events: ${why}`, { retryAfterMs: RETRY_AFTER_MS });
  }
}

/** What a gate's key holds. */
export const gateText = ({ count, raise }: Gate): string => (raise === undefined ? String(count) : `${count} ${raise}`);

export const parseGate = (text: string): Gate => {
  const [count, raise] = text.split(' ');
  // What is no number of partitions counts as one that is too small, and is put right by whoever is refused.
  return { count: storedWhole(count) ?? 0, ...(raise === undefined ? {} : { raise }) };
};

/** The refusal of `append` at a gate; any other error as it is. */
export const asGateClosed = (error: Error, partition: number): Error => {
  const [, text] = /^GATE (.+)$/.exec(error.message) ?? [];
  return text === undefined ? error : new GateClosed(partition, parseGate(text));
};
