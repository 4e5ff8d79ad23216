import { wholeList } from '@millrace/admin-api/client';
import type { Context } from '../context.js';
import { timeOf } from '../input/times.js';
import { Progress } from '../output/progress.js';
import type { Query } from './api.js';
import { untilInterrupted } from './follow.js';

/** Most that the API gives at once. */
const PAGE = 1000;

/** How far a search has come, as a page of the API tells it. */
export interface Reached {
  readonly next?: string | null;
  readonly looked?: number;
  /** Of which it cannot be told whether they match. */
  readonly undecided?: number;
  readonly reachedAt?: number | null;
  readonly total?: number;
}

/** What was found of a list that comes in pages. */
export interface Found<T> {
  readonly all: readonly T[];
  /** Where the list goes on; null at its end. */
  readonly next: string | null;
}

/**
 * Asks for a list, as long as it takes, until there are `limit` of its `member`, or no more. Ctrl-C ends it with what was found
 * so far, and says how far that was.
 */
export const pagesOf = async <T>(
  context: Context,
  path: string,
  member: string,
  query: Query,
  limit: number,
): Promise<Found<T>> => {
  const all: T[] = [];
  const next = await search(context, async (cursor) => {
    const rest = Math.min(PAGE, limit - all.length);
    const page: Reached = await context.api.get<Reached>(path, { ...query, limit: rest, cursor });
    all.push(...((page as Readonly<Record<string, T[]>>)[member] ?? []));
    return all.length < limit ? page : { ...page, isEnough: true };
  });
  return { all: all.slice(0, limit), next };
};

/** A list of what is kept by name, to its end. */
export const wholeOf = <T extends { readonly next: string | null }>(
  { api }: Context,
  path: string,
): Promise<Omit<T, 'next'>> => wholeList((cursor) => api.get<T>(path, { cursor }));

/** Asks page after page, with progress, until there are no more, or enough, or Ctrl-C is pressed; gives where it would go on. */
export const search = async (
  context: Context,
  ask: (cursor: string | undefined) => Promise<Reached & { readonly isEnough?: boolean }>,
): Promise<string | null> => {
  const progress = new Progress(context.io, 'searched');
  try {
    return await untilInterrupted(context, async (signal) => {
      for (let [cursor, looked]: [string | undefined, number] = [undefined, 0]; ; ) {
        const page: Reached & { readonly isEnough?: boolean } = await ask(cursor);
        looked += page.looked ?? 0;
        const next = page.next ?? null;
        if ((page.undecided ?? 0) > 0) {
          context.note(`${page.undecided} events could not be matched: the pattern exceeds the step limit`);
        }
        if (next === null || page.isEnough === true) return next;
        progress.show(looked, page.total ?? 0);
        cursor = next;
        if (!signal.aborted) continue;
        progress.end();
        const reached = page.reachedAt == null ? '' : `, up to ${timeOf(page.reachedAt)}`;
        context.note(`stopped: searched ${looked}${page.total ? ` of ${page.total}` : ''}${reached}; there are more`);
        return next;
      }
    });
  } finally {
    progress.end();
  }
};
