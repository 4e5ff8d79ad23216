export type { DeduplicationWindow } from './appender.js';
export { asUnavailable, parseRedisUrl, withoutPassword } from './connection.js';
export type { StoredDeadLetter } from './dead-letters.js';
export type { Finding } from './doctor.js';
export type { GroupState, StreamState } from './inspect.js';
export { Keys } from './keys.js';
export type { GroupRegistration } from './registry.js';
export { RedisTransport, type RedisTransportOptions } from './transport.js';
