import type { Entry } from '../entry.js';
import { type EntrySettler, OpenBatch } from './open-batch.js';
import { AttemptsExhausted, attemptsSpent } from './settlement.js';

/** Dead-letters what was handed out too often already, and gives it; the rest is to be tried again. */
export const exhausted = async (
  claimed: readonly Entry[],
  settler: EntrySettler,
  maxAttempts: number,
): Promise<ReadonlySet<Entry>> => {
  const dead = claimed.filter(({ deliveries }) => deliveries.every((one) => attemptsSpent(one) > maxAttempts));
  if (dead.length > 0) {
    await new OpenBatch(dead, settler).settle(({ attempt }) => ({
      kind: 'reject',
      cause: new AttemptsExhausted(
        `delivered ${attempt - 1} times and never acknowledged: its consumer died or stalled each time`,
      ),
    }));
  }
  return new Set(dead);
};
