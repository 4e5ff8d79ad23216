import type { Page } from '@millrace/admin-api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { withQuery } from './address.js';
import { ask } from './client.js';

/** How far a search has come. */
export interface Search {
  readonly looked: number;
  readonly reachedAt: number | null;
  readonly total: number;
  /** Of which it cannot be told whether they match. */
  readonly undecided: number;
  readonly isLoading: boolean;
  /** Whether there may be more; false at the end. */
  readonly hasMore: boolean;
  /** Goes on, also after `stop`. */
  readonly more: () => void;
  readonly stop: () => void;
}

/** What was found so far of a list that comes in pages. */
export interface Pages<T> extends Search {
  readonly items: readonly T[];
  readonly error: Error | undefined;
  /** For a list whose end is near: goes on, unless it was stopped. */
  readonly nearEnd: () => void;
  readonly reload: () => void;
}

interface Read<T> extends Page {
  readonly undecided: number;
  readonly items: readonly T[];
  readonly isLoading: boolean;
  readonly isStopped: boolean;
  readonly error: Error | undefined;
}

/** With fewer it goes on by itself: a page of a search may hold nothing, and not be the last. */
const ENOUGH = 30;
const NOTHING = { looked: 0, undecided: 0, reachedAt: null, total: 0, next: null, isStopped: false, error: undefined };

/** Reads a list a page at a time, each where the one before ended. `path` has the query, but for the cursor. */
export const usePages = <P extends Page, T>(path: string, itemsOf: (page: P) => readonly T[]): Pages<T> => {
  const [read, setRead] = useState<Read<T>>({ ...NOTHING, items: [], isLoading: true });
  const aborting = useRef(new AbortController());
  const items = useRef(itemsOf);

  const look = useCallback(
    async (cursor: string | null): Promise<void> => {
      const { signal } = aborting.current;
      setRead((before) => ({ ...before, isLoading: true, isStopped: false, error: undefined }));
      try {
        const page = await ask<P>(cursor === null ? path : withCursor(path, cursor), { signal });
        setRead((before) => ({
          ...before,
          items: [...before.items, ...items.current(page)],
          looked: before.looked + page.looked,
          undecided: before.undecided + (page.undecided ?? 0),
          reachedAt: page.reachedAt ?? before.reachedAt,
          total: page.total,
          next: page.next,
          isLoading: false,
        }));
      } catch (error) {
        if (!signal.aborted) setRead((before) => ({ ...before, isLoading: false, error: error as Error }));
      }
    },
    [path],
  );

  const reload = useCallback(() => {
    aborting.current.abort();
    aborting.current = new AbortController();
    setRead({ ...NOTHING, items: [], isLoading: true });
    void look(null);
  }, [look]);

  useEffect(() => {
    reload();
    return () => aborting.current.abort();
  }, [reload]);

  const { next, isLoading, isStopped, error } = read;
  const more = useCallback(() => {
    if (next !== null && !isLoading && error === undefined) void look(next);
  }, [next, isLoading, error, look]);
  const nearEnd = useCallback(() => {
    if (!isStopped) more();
  }, [isStopped, more]);
  useEffect(() => {
    if (read.items.length < ENOUGH) nearEnd();
  }, [read.items.length, nearEnd]);

  const stop = useCallback(() => {
    aborting.current.abort();
    aborting.current = new AbortController();
    setRead((before) => ({ ...before, isLoading: false, isStopped: true }));
  }, []);
  return { ...read, hasMore: next !== null, more, nearEnd, stop, reload };
};

const withCursor = (path: string, cursor: string): string => withQuery(path, { cursor }).replace(/\?(.*)\?/, '?$1&');
