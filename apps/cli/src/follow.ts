import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from './context.js';
import { Interrupted } from './errors.js';
import { Progress } from './progress.js';

/** Work that goes on in the console while we watch. */
export interface Followed<T> {
  /** What is written beside the bar: `redriving`. */
  readonly what: string;
  /** How it fares now. */
  readonly ask: () => Promise<T>;
  readonly isOver: (now: T) => boolean;
  readonly progress: (now: T) => { readonly done: number; readonly total: number };
  /** Makes it stop, on Ctrl-C. */
  readonly stop: () => Promise<unknown>;
  /** Where it stands after that, in a sentence. */
  readonly standing: (now: T) => string;
}

const EVERY_MS = 250;

/** Watches it to its end, with a bar. Rejects with `Interrupted` where Ctrl-C ended it; it is stopped then. */
export const follow = async <T>(context: Context, followed: Followed<T>): Promise<T> => {
  const { what, ask, isOver, progress, stop, standing } = followed;
  const bar = new Progress(context.surroundings, what);
  const interrupt = new AbortController();
  const release = context.surroundings.onInterrupt(() => interrupt.abort());
  try {
    let now = await ask();
    for (; !isOver(now) && !interrupt.signal.aborted; now = await ask()) {
      const { done, total } = progress(now);
      bar.show(done, total);
      await passed(EVERY_MS, interrupt.signal);
    }
    if (isOver(now)) return now;
    const refused = await stop().then(
      () => undefined,
      (error: unknown) => error,
    );
    now = await ask();
    if (refused !== undefined && !isOver(now)) throw refused;
    for (; !isOver(now); now = await ask()) await wait(EVERY_MS);
    bar.end();
    throw new Interrupted(standing(now));
  } finally {
    bar.end();
    release();
  }
};

/** Resolves after a time, or when the signal aborts. */
export const passed = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).then(undefined, () => undefined);

/** Runs `work` with a signal that the first Ctrl-C aborts. */
export const untilInterrupted = async <T>(context: Context, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const interrupt = new AbortController();
  const release = context.surroundings.onInterrupt(() => interrupt.abort());
  try {
    return await work(interrupt.signal);
  } finally {
    release();
  }
};
