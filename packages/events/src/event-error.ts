/** How an event or a request failed: 400 syntax, 413 size, 415 media type, 422 meaning. */
export type EventErrorStatus = 400 | 413 | 415 | 422;

/**
 * An event or a whole request that cannot be taken. The message is one sentence for whoever sent it: what was wrong,
 * where, and what is accepted; offending values are cut short.
 */
export class EventError extends Error {
  override readonly name = 'EventError';

  constructor(
    /** A stable name for programs, kebab-case: `not-json`, `missing-attribute`. */
    readonly code: string,
    readonly status: EventErrorStatus,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Runs what makes errors that nobody asks where they came from: thousands of bad events are thousands of errors, and their
 * stacks are most of what they cost.
 */
export const withoutStacks = <T>(run: () => T): T => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

/** The same for each part of what is made a part at a time. */
export function* partsWithoutStacks<T>(parts: Iterable<T>): Iterable<T> {
  const iterator = parts[Symbol.iterator]();
  for (;;) {
    const next = withoutStacks(() => iterator.next());
    if (next.done === true) return;
    yield next.value;
  }
}

const SHOWN = 60;

/** Text cut to what fits a message, without half a surrogate pair and without control characters. */
export const cut = (text: string): string => {
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, '')}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return short.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
};

/** A value as JSON, cut to what fits a message. Never walks a deep value. */
export const show = (value: unknown): string => {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(cut(value)) : String(value);
};
