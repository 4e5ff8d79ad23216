import type { DecidedEntry } from '../../entry.js';
import { PermanentError, Unavailable } from '../../errors.js';
import { pause, sharedAbort } from '../../time/pause.js';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/**
 * Settles entries by `settle`. Where that fails for a reason that is not the store's, it is for one of them: they are halved
 * until that one is alone, which, where it fails twice, becomes a dead letter that says why, and the others go on. Where a dead letter
 * cannot be written either, twice, it is for none of them, and that is what this rejects with. Between tries it waits.
 */
export const settleByHalves = async (
  entries: readonly DecidedEntry[],
  settle: (some: readonly DecidedEntry[]) => Promise<void>,
): Promise<void> => {
  const unwritable: Error[] = [];
  let failures = 0;
  const again = () => pause(Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS), NEVER);
  const halve = async (some: readonly DecidedEntry[]): Promise<void> => {
    const cause = await failureOf(settle, some);
    if (cause === undefined) return;
    await again();
    const [first] = some;
    if (some.length > 1) {
      const half = Math.ceil(some.length / 2);
      await halve(some.slice(0, half));
      await halve(some.slice(half));
    } else if (first !== undefined) {
      // What failed once may be what somebody did to the store just then.
      const still = await failureOf(settle, some);
      if (still === undefined) return;
      const failure = await failureOf(settle, [rejected(first, still)]);
      if (failure !== undefined && unwritable.push(failure) > 1) throw failure;
    }
  };
  await halve(entries);
  if (unwritable[0] !== undefined) throw unwritable[0];
};

const NEVER = sharedAbort().signal;

/** Why it failed; undefined where it did not. Rejects with `Unavailable`. */
const failureOf = async (
  settle: (some: readonly DecidedEntry[]) => Promise<void>,
  some: readonly DecidedEntry[],
): Promise<Error | undefined> => {
  try {
    await settle(some);
    return undefined;
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    return error instanceof Error ? error : new Error(String(error));
  }
};

const rejected = ({ entry, outcomes }: DecidedEntry, cause: Error): DecidedEntry => {
  const reject = {
    kind: 'reject',
    cause: new PermanentError(`cannot be settled: ${cause.message}`, { cause }),
  } as const;
  return { entry, outcomes: outcomes.map(() => reject) };
};
