export { type AbsentGroup, type AbsentGroups, absentFinding } from './absent-groups.js';
export { type Endpoint, parseRedisUrl, type RedisAddress, type RedisTls, withoutPassword } from './address.js';
export type { DeduplicationWindow } from './appender.js';
export type { Audit, AuditEntry } from './audit.js';
export { infoRecord } from './backlog.js';
export { asUnavailable, type Connection } from './connection.js';
export { ALL_SERVICES, Controls, DEFAULT_TRACE, type LogSetting, type Pause, type TraceSetting } from './controls.js';
export {
  type DeadLetterRange,
  type DeadLetters,
  hasPayload,
  type Redrive,
  type RedriveCounts,
  type RedrivePart,
  type RedriveStep,
  type StoredDeadLetter,
  sizeOf,
} from './dead-letters.js';
export type { Finding } from './doctor.js';
export type { Durability } from './durability.js';
export { type Gate, GateClosed } from './gate.js';
export type { GoneConsumer, GroupDoctor, Tidied } from './group-doctor.js';
export type { GroupState, StreamState } from './inspect.js';
export type { Jobs, StoredJob } from './jobs.js';
export { Keys } from './keys.js';
export type { GroupPart, LeftoverBounds, Leftovers, Shortened } from './leftovers.js';
export { isShort, type Memory } from './memory.js';
export type { Notes } from './notes.js';
export type { ConsumerState, GroupOn, Observations, PartitionCounts, PendingEntry } from './observations.js';
export type { PartitionState, Partitions } from './partitions.js';
export { MOST_PARTITIONS, type Raised, RaiseRefused, type Raiser } from './raiser.js';
export type { GroupRegistration } from './registry.js';
export type { Replayer, ReplayPart, ReplayProgress, ReplayStep } from './replayer.js';
export { byStream, type Rows } from './stream-answer.js';
export type { BucketSize, Taken, TokenBuckets } from './token-buckets.js';
export type { TraceLog, TraceRecord } from './trace-log.js';
export { RedisTransport, type RedisTransportOptions } from './transport.js';
export {
  type FieldChange,
  type RecordedChange,
  VersionConflict,
  type Versioned,
  VersionedHash,
  type VersionRecord,
} from './versioned-hash.js';
