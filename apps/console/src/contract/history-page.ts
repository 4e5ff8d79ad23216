import type { HistoryQuery } from '@millrace/admin-api';

/** A page of a history, read below a version, and where the next one begins; null at the end. */
export const historyPage = async <T extends { readonly version: number }>(
  { limit, cursor, before }: HistoryQuery,
  read: (limit: number, below: number | undefined) => Promise<T[]>,
): Promise<{ readonly changes: T[]; readonly next: string | null }> => {
  const changes = await read(limit, cursor ?? before);
  const last = changes.length < limit ? undefined : changes.at(-1);
  return { changes, next: last === undefined || last.version <= 1 ? null : String(last.version) };
};
