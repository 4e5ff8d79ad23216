/** Most characters (UTF-16 units) in `id`, `source`, `type`, `subject` and `partitionkey`. */
export const MAX_NAME_LENGTH = 1024;

/** Deepest nesting of an event's JSON; the event itself is the first level, an array around it is not counted. */
export const MAX_DEPTH = 128;

/** Largest event in bytes where `DecodeOptions.maxEventBytes` does not say otherwise: 1 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 1024 * 1024;
