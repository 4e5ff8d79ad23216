export { isBinary } from './decode/binary.js';
export type { Decoded, DecodeOptions, Headers, IncomingEvent, Undecoded } from './decode/decode-options.js';
export { decodeRequest, scanRequest } from './decode/decode-request.js';
export { NdjsonDecoder } from './decode/ndjson.js';
export { refuseRepeatedHeaders } from './decode/repeated-header.js';
export { withMembers } from './event/change.js';
/** The CloudEvents 1.0 codec: requests to events, and events to requests. Pure. */
export { type CloudEvent, parseEvent } from './event/cloud-event.js';
export { type Encoded, encodeBinary, encodeData, encodeStructured } from './event/encode.js';
export { digestOf, eventDigest } from './event/event-digest.js';
export { parseIdempotencyKey } from './event/idempotency-key.js';
export { isTimestamp, timestampMs } from './event/rfc3339.js';
export { timeOrderedId } from './event/time-ordered-id.js';
export * from './event/trace-context.js';
export { EventError, type EventErrorStatus } from './event-error.js';
export { withExtension } from './json/splice.js';
export { DEFAULT_MAX_EVENT_BYTES, MAX_DEPTH, MAX_NAME_LENGTH } from './limits.js';
