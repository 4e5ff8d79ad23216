import type { Query } from './api.js';
import type { Context } from './context.js';
import { Progress } from './progress.js';

/** Most that the API gives at once. */
const PAGE = 1000;

interface Page {
  readonly next?: string | null;
  readonly looked?: number;
}

/** What was found of a list that comes in pages. */
export interface Found<T> {
  readonly all: readonly T[];
  /** Where the list goes on; null at its end. */
  readonly next: string | null;
}

/** Asks for a list, as long as it takes, until there are `limit` of its `member`, or no more. */
export const pagesOf = async <T>(
  context: Context,
  path: string,
  member: string,
  query: Query,
  limit: number,
): Promise<Found<T>> => {
  const all: T[] = [];
  const progress = new Progress(context.surroundings, 'looked through');
  let next: string | null = null;
  let looked = 0;
  do {
    const rest = Math.min(PAGE, limit - all.length);
    const page: Page = await context.api.get<Page>(path, { ...query, limit: rest, cursor: next ?? undefined });
    all.push(...((page as Readonly<Record<string, T[]>>)[member] ?? []));
    next = page.next ?? null;
    looked += page.looked ?? 0;
    if (next !== null) progress.show(looked, 0);
  } while (next !== null && all.length < limit);
  progress.end();
  return { all: all.slice(0, limit), next };
};
