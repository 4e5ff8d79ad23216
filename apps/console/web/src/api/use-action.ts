import { useCallback, useRef, useState } from 'react';

/** Something that a person does, and how it went. */
export interface Action<A extends unknown[], T> {
  /** Resolves with what it gave, or with undefined where it failed: then `error` says why. */
  readonly run: (...args: A) => Promise<T | undefined>;
  readonly isBusy: boolean;
  readonly error: Error | undefined;
  /** What the last run gave. */
  readonly result: T | undefined;
  readonly clear: () => void;
}

/** Runs `work` once at a time. What was typed stays where it is when it fails. */
export const useAction = <A extends unknown[], T>(work: (...args: A) => Promise<T>): Action<A, T> => {
  const [state, setState] = useState<{ isBusy: boolean; error?: Error; result?: T }>({ isBusy: false });
  const latest = useRef(work);
  latest.current = work;

  const run = useCallback(async (...args: A): Promise<T | undefined> => {
    setState({ isBusy: true });
    try {
      const result = await latest.current(...args);
      setState({ isBusy: false, result });
      return result;
    } catch (error) {
      setState({ isBusy: false, error: error as Error });
      return undefined;
    }
  }, []);
  const clear = useCallback(() => setState({ isBusy: false }), []);
  return { run, isBusy: state.isBusy, error: state.error, result: state.result, clear };
};
