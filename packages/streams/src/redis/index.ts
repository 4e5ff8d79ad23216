export type { DeduplicationWindow } from './appender.js';
export type { Audit, AuditEntry } from './audit.js';
export { asUnavailable, parseRedisUrl, withoutPassword } from './connection.js';
export type { DeadLetterRange, DeadLetters, Redrive, StoredDeadLetter } from './dead-letters.js';
export type { Finding } from './doctor.js';
export type { Durability } from './durability.js';
export type { GoneConsumer, GroupDoctor, Tidied } from './group-doctor.js';
export type { GroupState, StreamState } from './inspect.js';
export { Keys } from './keys.js';
export { isShort, type Memory } from './memory.js';
export type { GroupRegistration } from './registry.js';
export { RedisTransport, type RedisTransportOptions } from './transport.js';
export {
  type FieldChange,
  type RecordedChange,
  VersionConflict,
  type Versioned,
  VersionedHash,
  type VersionRecord,
} from './versioned-hash.js';
