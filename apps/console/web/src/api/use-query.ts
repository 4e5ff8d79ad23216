import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, askAll } from './client.js';
import { apiKey } from './session.js';
import { useStore } from './store.js';

/** An answer of the API, and what became of the last question. */
export interface Query<T> {
  /** The last answer to this question; it stays while it is asked again. */
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface Answered<T> {
  readonly path: string;
  readonly data: T | undefined;
  readonly error: Error | undefined;
}

/** As `useQuery`, of a list that comes in pages: all of it. */
export const useList = <T>(path: string, everyMs?: number): Query<T> => useQuery<T>(path, everyMs, askAll);

/** Asks when the path changes, and again every `everyMs`. Null asks nothing. */
export const useQuery = <T>(path: string | null, everyMs?: number, read: typeof ask = ask): Query<T> => {
  const key = useStore(apiKey);
  const [answered, setAnswered] = useState<Answered<T> | undefined>();
  const [turn, setTurn] = useState(0);
  const asked = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another key or turn asks the same again
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    const mine = ++asked.current;
    const look = async (): Promise<void> => {
      try {
        const data = await read<T>(path, { signal: stop.signal });
        if (mine === asked.current) setAnswered({ path, data, error: undefined });
      } catch (error) {
        if (stop.signal.aborted || mine !== asked.current) return;
        setAnswered((before) => ({
          path,
          data: before?.path === path ? before.data : undefined,
          error: error as Error,
        }));
      }
    };
    void look();
    const timer = everyMs === undefined ? undefined : setInterval(() => !document.hidden && void look(), everyMs);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [path, everyMs, read, turn, key]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const fits = path !== null && answered?.path === path;
  return {
    data: fits ? answered.data : undefined,
    error: fits ? answered.error : undefined,
    isLoading: path !== null && !fits,
    reload,
  };
};
