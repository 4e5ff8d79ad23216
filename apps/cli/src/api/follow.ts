import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../context.js';
import { Interrupted } from '../errors.js';
import { Progress } from '../output/progress.js';

/** Work that goes on in the console while we watch. */
export interface Followed<T> {
  /** What is written beside the bar: `redriving`. */
  readonly what: string;
  /** Begins it, or finds it. Ctrl-C is ours from before that on: what has begun does not go on unseen. */
  readonly begin: () => Promise<T>;
  /** Its state now. */
  readonly ask: (before: T) => Promise<T>;
  readonly isOver: (now: T) => boolean;
  readonly progress: (now: T) => { readonly done: number; readonly total: number };
  /** Makes it stop, on Ctrl-C. */
  readonly stop: (now: T) => Promise<unknown>;
  /** Where it stands after that, in a sentence. */
  readonly standing: (now: T) => string;
}

const EVERY_MS = 250;

/** Watches it to its end, with a bar. Rejects with `Interrupted` where Ctrl-C ended it; it is stopped then. */
export const follow = async <T>(context: Context, followed: Followed<T>): Promise<T> => {
  const { what, begin, ask, isOver, progress, standing } = followed;
  const bar = new Progress(context.io, what);
  try {
    return await untilInterrupted(context, async (signal) => {
      let now = await begin();
      while (!isOver(now) && !signal.aborted) {
        const { done, total } = progress(now);
        bar.show(done, total);
        await passed(EVERY_MS, signal);
        now = await ask(now);
      }
      if (isOver(now)) return now;
      const end = await stopped(followed, now);
      bar.end();
      throw new Interrupted(standing(end));
    });
  } finally {
    bar.end();
  }
};

/** Stops it and waits until it has. That it was over before is no failure. */
const stopped = async <T>({ ask, isOver, stop }: Followed<T>, before: T): Promise<T> => {
  const refused = await stop(before).then(
    () => undefined,
    (error: unknown) => error,
  );
  let now = await ask(before);
  if (refused !== undefined && !isOver(now)) throw refused;
  for (; !isOver(now); now = await ask(now)) await wait(EVERY_MS);
  return now;
};

/** Resolves after a time, or when the signal aborts. */
export const passed = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).then(undefined, () => undefined);

/** Runs `work` with a signal that the first Ctrl-C aborts. */
export const untilInterrupted = async <T>(context: Context, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const interrupt = new AbortController();
  const release = context.io.onInterrupt(() => interrupt.abort());
  try {
    return await work(interrupt.signal);
  } finally {
    release();
  }
};
