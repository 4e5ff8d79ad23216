import type { Outcome } from './contract.js';

/** The transport, or what a sink delivers to, cannot be reached or is full. Nobody's fault: wait and try again. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  /** When to try again, in milliseconds, if the other side said so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: { cause?: unknown; retryAfterMs?: number }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** This delivery can never succeed: dead-letter it now. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** This delivery failed and may succeed later: retry it by the schedule, or after `retryAfterMs`. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: { cause?: unknown; retryAfterMs?: number }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** How long a delivery waits for what is away, where nobody says. */
const WAIT_MS = 1000;

/** What an error decides for its delivery: a `PermanentError` rejects it, `Unavailable` has it wait, any other retries it. */
export const outcomeOfError = (cause: Error): Outcome => {
  if (cause instanceof PermanentError) return { kind: 'reject', cause };
  if (cause instanceof Unavailable) return { kind: 'wait', cause, afterMs: cause.retryAfterMs ?? WAIT_MS };
  const afterMs = cause instanceof TransientError ? cause.retryAfterMs : undefined;
  return { kind: 'retry', cause, ...(afterMs === undefined ? {} : { afterMs }) };
};
