/** An event that a hop dead-lettered, and why. */
export interface DeadLetter {
  /** As it came in. Absent where the payload itself was lost before it was delivered. */
  readonly type: string | undefined;
  readonly json: string | undefined;
  /** Of an entry that held no event: its fields, name, value, name, value… */
  readonly fields: readonly string[] | undefined;
  /** Who gave up: `router`, `sink-postgres`. */
  readonly hop: string;
  readonly group: string;
  readonly consumer: string;
  /** The stream that the event first came from, and where it stands in it. */
  readonly stream: string;
  readonly position: string;
  /** Class, message and (cut) stack of the last error. */
  readonly error: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The event's `traceparent`, if it has one. */
  readonly trace: string | undefined;
  readonly attempts: number;
  /** Unix milliseconds of the first and of the last failure. */
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  /** Every failed attempt, the newest last; the oldest are dropped beyond 20. */
  readonly history: readonly Failure[];
}

/** One failed attempt. */
export interface Failure {
  /** Unix milliseconds. */
  readonly at: number;
  readonly attempt: number;
  /** `Class: message`, cut. */
  readonly error: string;
}

const STACK_LIMIT = 2000;
const MESSAGE_LIMIT = 1000;
const HISTORY_LIMIT = 20;

const cut = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);

/** `Class` of an error: its name, or that of its constructor. */
export const errorClass = (error: Error): string =>
  error.name !== 'Error' ? error.name : (error.constructor.name ?? 'Error');

export const errorMessage = (error: Error): string => cut(error.message, MESSAGE_LIMIT);

export const errorStack = (error: Error): string | undefined =>
  error.stack === undefined ? undefined : cut(error.stack, STACK_LIMIT);

/** The history with one more failure. */
export const withFailure = (history: readonly Failure[], at: number, attempt: number, cause: Error): Failure[] => [
  ...history.slice(1 - HISTORY_LIMIT),
  { at, attempt, error: cut(`${errorClass(cause)}: ${cause.message}`, 300) },
];
