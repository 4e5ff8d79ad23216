export type { DeduplicationWindow } from './appender.js';
export { asUnavailable, parseRedisUrl, withoutPassword } from './connection.js';
export type { Finding } from './doctor.js';
export { Keys } from './keys.js';
export type { GroupRegistration } from './registry.js';
export { RedisTransport, type RedisTransportOptions } from './transport.js';
