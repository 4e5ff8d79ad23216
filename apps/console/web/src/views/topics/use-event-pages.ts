import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, pathOf, withQuery } from '../../api/client.js';
import type { EventPage, StoredEvent } from '../../api/types.js';

/** Which events of a topic are asked for; what is empty does not matter. */
export interface EventFilter {
  readonly order: 'newest' | 'oldest';
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

export interface EventPages {
  readonly events: readonly StoredEvent[];
  readonly looked: number;
  readonly isLoading: boolean;
  readonly error: Error | undefined;
  /** Whether there may be more; false at the end. */
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly reload: () => void;
}

interface Pages {
  readonly events: readonly StoredEvent[];
  readonly looked: number;
  readonly next: string | null;
  readonly isLoading: boolean;
  readonly error: Error | undefined;
}

const PAGE = 200;
const NOTHING: Pages = { events: [], looked: 0, next: null, isLoading: true, error: undefined };

/** Reads a topic a page at a time, each where the one before ended. */
export const useEventPages = (topic: string, filter: EventFilter): EventPages => {
  const [pages, setPages] = useState<Pages>(NOTHING);
  const stop = useRef(new AbortController());
  const { order, from, to, type, id, text } = filter;

  const read = useCallback(
    async (cursor: string | undefined): Promise<void> => {
      const { signal } = stop.current;
      const query = { order, from, to, type, id, text, cursor, limit: PAGE };
      setPages((before) => ({ ...before, isLoading: true, error: undefined }));
      try {
        const page = await ask<EventPage>(withQuery(`topics/${pathOf(topic)}/events`, query), { signal });
        setPages(({ events, looked }) => ({
          events: [...events, ...page.events],
          looked: looked + page.looked,
          next: page.next,
          ...{ isLoading: false, error: undefined },
        }));
      } catch (error) {
        if (!signal.aborted) setPages((before) => ({ ...before, isLoading: false, error: error as Error }));
      }
    },
    [topic, order, from, to, type, id, text],
  );

  const reload = useCallback(() => {
    stop.current.abort();
    stop.current = new AbortController();
    setPages(NOTHING);
    void read(undefined);
  }, [read]);

  useEffect(() => {
    reload();
    return () => stop.current.abort();
  }, [reload]);

  const { next, isLoading, error } = pages;
  const more = useCallback(() => {
    if (next !== null && !isLoading && error === undefined) void read(next);
  }, [next, isLoading, error, read]);
  return { ...pages, hasMore: next !== null, more, reload };
};
