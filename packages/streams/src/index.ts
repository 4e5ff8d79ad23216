export * from './contract.js';
export { type DeadLetter, errorClass, type Failure } from './dead-letter.js';
export { PermanentError, TransientError, Unavailable } from './errors.js';
export {
  againStream,
  deadStream,
  hookStream,
  INBOX,
  inEveryPartition,
  isName,
  topicOf,
  topicStream,
  UNROUTED,
} from './names.js';
export { partitionOf } from './partition.js';
export { exponentialDelay, type RetryDelay, scheduledDelay } from './retry-schedule.js';
export { AttemptsExhausted } from './settlement.js';
