export { isBinary } from './binary.js';
export { withMembers } from './change.js';
/** The CloudEvents 1.0 codec: requests to events, and events to requests. Pure. */
export { type CloudEvent, parseEvent } from './cloud-event.js';
export type { Decoded, DecodeOptions, Headers, IncomingEvent, Undecoded } from './decode-options.js';
export { decodeRequest, scanRequest } from './decode-request.js';
export { type Encoded, encodeBinary, encodeData, encodeStructured } from './encode.js';
export { digestOf, eventDigest } from './event-digest.js';
export { EventError, type EventErrorStatus } from './event-error.js';
export { parseIdempotencyKey } from './idempotency-key.js';
export { DEFAULT_MAX_EVENT_BYTES, MAX_DEPTH, MAX_NAME_LENGTH } from './limits.js';
export { NdjsonDecoder } from './ndjson.js';
export { refuseRepeatedHeaders } from './repeated-header.js';
export { isTimestamp, timestampMs } from './rfc3339.js';
export { withExtension } from './splice.js';
export { timeOrderedId } from './time-ordered-id.js';
export {
  isSampledTrace,
  isTraceparent,
  type TraceContext,
  traceContext,
  traceContextOf,
  traceIdOf,
  withTraceContext,
} from './trace-context.js';
