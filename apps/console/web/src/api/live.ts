import type { Snapshot, Trouble } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';
import { useEffect } from 'react';
import { ApiError } from './api-error.js';
import { History } from './history.js';
import { apiKey } from './session.js';
import { Store, useStore } from './store.js';
import { watchEvents } from './watch-events.js';

/** What is known of the pipeline now. */
export interface LiveState {
  readonly snapshot: Snapshot | null;
  /** When it came, by the clock here: that of the console may be another. Unix milliseconds. */
  readonly cameAt: number;
  /** The snapshots of the last minutes. */
  readonly history: History;
  /** Why nothing new comes, in a sentence; null while it does. */
  readonly trouble: string | null;
}

const AGAIN_AFTER_MS = 2000;

const live = new Store<LiveState>({ snapshot: null, cameAt: 0, history: new History(), trouble: null });

export const useLive = (): LiveState => useStore(live);

const take = (name: string, data: string): void => {
  const before = live.get();
  if (name === 'snapshot') {
    const snapshot = parseJson(data) as Snapshot;
    live.set({ snapshot, cameAt: Date.now(), history: before.history.with(snapshot), trouble: null });
  } else if (name === 'trouble') {
    live.set({ ...before, trouble: (parseJson(data) as Trouble).detail });
  }
};

const say = (error: unknown): void => {
  if (error instanceof ApiError && error.status === 401) return;
  live.set({ ...live.get(), trouble: `${(error as Error).message} Retrying.` });
};

/** Watches `/api/live` as long as the key stays the same; begins again when it ends. */
const watch = async (signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      await watchEvents('live', signal, ({ name, data }) => take(name, data));
      say(new Error('The console closed the stream.'));
    } catch (error) {
      if (signal.aborted) return;
      say(error);
      if (error instanceof ApiError && error.status === 401) return;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
};

/** Keeps `useLive` up to date while the component is there. */
export const useWatchLive = (): void => {
  const key = useStore(apiKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another stream
  useEffect(() => {
    const stop = new AbortController();
    void watch(stop.signal);
    return () => stop.abort();
  }, [key]);
};
