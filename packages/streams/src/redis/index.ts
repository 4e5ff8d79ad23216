export type { DeduplicationWindow } from './append/appender.js';
export type { Durability } from './append/durability.js';
export { type BucketSize, type Taken, TokenBuckets } from './append/token-buckets.js';
export {
  type Endpoint,
  parseRedisUrl,
  type RedisAddress,
  type RedisTls,
  withoutPassword,
} from './connection/address.js';
export type { Connection } from './connection/connection.js';
export { Keys } from './connection/keys.js';
export { isShort, type Memory } from './connection/memory.js';
export { byStream, type Rows } from './connection/stream-answer.js';
export type { Connections } from './connections.js';
export { Controls } from './control/controls.js';
export type { Notes } from './control/notes.js';
export type { GroupRegistration, Registry } from './control/registry.js';
export { ALL_SERVICES, DEFAULT_TRACE, type LogSetting, type Pause, type TraceSetting } from './control/settings.js';
export { infoRecord } from './observe/backlog.js';
export type { Finding } from './observe/doctor.js';
export type { GroupState, StreamState } from './observe/inspect.js';
export { type Gate, GateClosed } from './partitions/gate.js';
export type { PartitionState, Partitions } from './partitions/partitions.js';
export type { RedisServer } from './server.js';
export type { TraceLog, TraceRecord } from './settle/trace-log.js';
export type { Streams } from './streams.js';
export { RedisTransport, type RedisTransportOptions } from './transport.js';
