import type { DeadLetterGroup } from '@millrace/admin-api';
import type { StoredDeadLetter } from '@millrace/operations';

/** The largest first. */
export const groupByError = (letters: readonly StoredDeadLetter[]): Omit<DeadLetterGroup, 'isExact'>[] => {
  const groups = new Map<string, StoredDeadLetter[]>();
  for (const letter of letters) {
    const key = `${letter.group} ${letter.error}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [letter]);
    else group.push(letter);
  }
  return [...groups.values()].map(groupOf).sort((a, b) => b.count - a.count);
};

const groupOf = (letters: readonly StoredDeadLetter[]): Omit<DeadLetterGroup, 'isExact'> => {
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
