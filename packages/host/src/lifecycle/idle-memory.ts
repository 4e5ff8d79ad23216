import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PeriodicTask } from '@millrace/streams';
import type { Logger } from '../logging/logging.js';

const LOOK_EVERY_MS = 5000;
/** Share of the time in which something ran, up to which a process is idle. */
const IDLE = 0.05;
/** So much more than after the last collection is worth one: it stops the process for some 30 ms. */
const WORTH_BYTES = 64 * 1024 * 1024;

/**
 * Gives memory back once a burst is over: V8 collects when something is allocated, so a process that has nothing to do
 * keeps what its last requests left.
 */
export const releaseMemoryWhenIdle = (log: Logger): PeriodicTask => {
  const collect = collector();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  let kept = heldBytes();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > IDLE || heldBytes() - kept < WORTH_BYTES) return;
    collect();
    kept = heldBytes();
  };
  const onError = (error: Error): void => log.error({ err: error }, 'cannot release memory');
  const looking = new PeriodicTask(look, { everyMs: LOOK_EVERY_MS, onError, unref: true });
  looking.start(LOOK_EVERY_MS);
  return looking;
};

const heldBytes = (): number => {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
};

/** The collector that Node has behind a flag; it may be set while a process runs. */
const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
};
