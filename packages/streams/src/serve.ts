import type { Batch, Consumer } from './contract.js';
import { Unavailable } from './errors.js';
import type { Partitioning } from './partition.js';
import { withinMs } from './time/interval.js';
import { backoff, pause } from './time/pause.js';

/** A target that asks for more is asked again after an hour. */
const LONGEST_WAIT_MS = 3_600_000;

/** Called with events of the loop. None of them may throw. */
export interface ServeHooks {
  /** What the handler delivers to, or the transport, is away. Called at every failed try. */
  readonly onUnavailable?: (error: Unavailable) => void;
  /** It is back. */
  readonly onAvailable?: () => void;
  /** The handler failed with something else; what it left unsettled is retried by the schedule. */
  readonly onError?: (error: Error) => void;
}

/**
 * Hands the batches of a consumer to a handler until the signal aborts, one at a time. Resolves when the last batch is
 * done; what a stop left unsettled is released, uncounted.
 *
 * A target that is away is not a failing event: where the handler throws `Unavailable`, nothing is counted, the batch
 * stays in flight and alive, nothing more is read, and the handler is called again with the same batch, with backoff. Where
 * it throws anything else, each delivery that is not settled yet is retried by the schedule.
 */
export const serveBatches = async (
  consumer: Consumer,
  handle: (batch: Batch, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  hooks: ServeHooks = {},
): Promise<void> => {
  for await (const batch of consumer.batches(signal)) {
    await persist(
      () => handle(batch, signal),
      signal,
      hooks,
      async (cause) => {
        await batch.settle(() => ({ kind: 'retry', cause }));
      },
    );
  }
};

/**
 * Serves every partition, those that there are later too, until the signal aborts. Resolves when all have ended, which
 * they do by the signal; rejects as soon as one of them does.
 */
export const servePartitions = async (
  partitions: Partitioning,
  serve: (partition: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const running: Promise<void>[] = [];
  let unfollow = (): void => undefined;
  const aborted = new Promise<void>((resolve, reject) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    unfollow = partitions.follow((count) => {
      while (running.length < count && !signal.aborted) running.push(serve(running.length));
      for (const one of running) one.catch(reject);
    });
  });
  await aborted.finally(unfollow);
  await Promise.all(running);
};

/** Tries until it succeeds, fails permanently, or the signal aborts. A permanent failure is settled, once, the same way. */
const persist = async (
  attempt: () => Promise<void>,
  signal: AbortSignal,
  hooks: ServeHooks,
  giveUp?: (cause: Error) => Promise<void>,
): Promise<void> => {
  for (let failures = 0; ; ) {
    try {
      await attempt();
      if (failures > 0) hooks.onAvailable?.();
      return;
    } catch (error) {
      if (!(error instanceof Unavailable)) {
        const cause = error instanceof Error ? error : new Error(String(error));
        hooks.onError?.(cause);
        if (giveUp !== undefined) await persist(() => giveUp(cause), signal, hooks);
        return;
      }
      hooks.onUnavailable?.(error);
      failures += 1;
      await pause(withinMs(error.retryAfterMs ?? Number.NaN, backoff(failures), LONGEST_WAIT_MS), signal);
      if (signal.aborted) return;
    }
  }
};
