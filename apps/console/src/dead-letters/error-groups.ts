import type { StoredDeadLetter } from '@millrace/operations';

/** Dead letters of one group that died of one class of error. */
export interface ErrorGroup {
  readonly group: string;
  readonly hop: string;
  readonly error: string;
  /** Of the newest of them. */
  readonly message: string;
  readonly count: number;
  /** Unix milliseconds. */
  readonly newestAt: number;
  readonly oldestAt: number;
  /** Where their events came from. */
  readonly streams: readonly string[];
}

/** The largest first. */
export const groupByError = (letters: readonly StoredDeadLetter[]): ErrorGroup[] => {
  const groups = new Map<string, StoredDeadLetter[]>();
  for (const letter of letters) {
    const key = `${letter.group} ${letter.error}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [letter]);
    else group.push(letter);
  }
  return [...groups.values()].map(groupOf).sort((a, b) => b.count - a.count);
};

const groupOf = (letters: readonly StoredDeadLetter[]): ErrorGroup => {
  const byAge = [...letters].sort((a, b) => b.lastFailedAt - a.lastFailedAt);
  const [newest, oldest] = [byAge[0], byAge.at(-1)] as [StoredDeadLetter, StoredDeadLetter];
  return {
    group: newest.group,
    hop: newest.hop,
    error: newest.error,
    message: newest.message,
    count: letters.length,
    newestAt: newest.lastFailedAt,
    oldestAt: oldest.lastFailedAt,
    streams: [...new Set(letters.map(({ stream }) => stream))].sort(),
  };
};
