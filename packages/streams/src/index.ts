export * from './contract.js';
export { type DeadLetter, errorClass, type Failure } from './dead-letter.js';
export { outcomeOfError, PermanentError, TransientError, Unavailable } from './errors.js';
export { LONGEST_TIMER_MS, monotonicMs, withinMs } from './interval.js';
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
export { backoff, pause, sharedAbort } from './pause.js';
export { PeriodicTask, type TaskOptions } from './periodic-task.js';
export { exponentialDelay, type RetryDelay, scheduledDelay } from './retry-schedule.js';
export { type ServeHooks, serveBatches, servePartitions } from './serve.js';
export { AttemptsExhausted } from './settlement.js';
export { storedJson, storedObject, storedWhole } from './stored.js';
export { Turns } from './turns.js';
