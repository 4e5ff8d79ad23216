export * from './contract.js';
export { outcomeOfError, PermanentError, TransientError, Unavailable } from './errors.js';
export {
  againStream,
  deadStream,
  hookStream,
  INBOX,
  inEveryPartition,
  isName,
  isReadBy,
  topicOf,
  topicStream,
  UNROUTED,
} from './names.js';
export { fixedPartitions, keyOfEvent, type Partitioning, partitionKeyOf, partitionOf } from './partition.js';
export { type ServeHooks, serveBatches, servePartitions } from './serve.js';
export { type DeadLetter, errorClass, type Failure } from './settlement/dead-letter.js';
export { AttemptsExhausted } from './settlement/settlement.js';
export { storedJson, storedObject, storedWhole } from './stored.js';
export { LONGEST_TIMER_MS, monotonicMs, withinMs } from './time/interval.js';
export { backoff, pause, sharedAbort } from './time/pause.js';
export { PeriodicTask, type TaskOptions } from './time/periodic-task.js';
export { exponentialDelay, type RetryDelay, scheduledDelay } from './time/retry-schedule.js';
export { Turns } from './turns.js';
