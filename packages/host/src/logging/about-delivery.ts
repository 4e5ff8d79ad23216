import { traceContextOf, traceIdOf } from '@millrace/events';
import type { Delivery } from '@millrace/streams';

/** What a line of the log says of a delivery that failed. */
export interface AboutDelivery {
  readonly eventId?: string;
  readonly eventSource?: string;
  readonly traceId?: string;
  readonly stream: string;
  readonly position: string;
  readonly attempt: number;
  /** Class of what went wrong, and the code that it came with: an SQLSTATE, `ECONNRESET`. */
  readonly error?: string;
  readonly code?: string;
}

const LONGEST = 200;

/**
 * Which event, of which trace, where, and how it failed: nothing of its content. Messages of errors are left out, because
 * they quote what could not be read; the dead letter has them.
 */
export const aboutDelivery = ({ event, stream, position, attempt }: Delivery, cause?: Error): AboutDelivery => ({
  ...nameOf(event.json),
  ...traceOf(event.json),
  stream,
  position,
  attempt,
  ...(cause === undefined ? {} : aboutError(cause)),
});

/** The class of an error, and its code or that of what caused it. */
export const aboutError = (error: Error): { readonly error: string; readonly code?: string } => {
  const code = codeOf(error) ?? codeOf(error.cause);
  const name = error.name !== 'Error' ? error.name : error.constructor.name;
  return { error: name, ...(code === undefined ? {} : { code }) };
};

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[\w-]{1,60}$/.test(code) ? code : undefined;
};

const nameOf = (json: string): { eventId?: string; eventSource?: string } => {
  try {
    const { id, source } = JSON.parse(json) as Record<string, unknown>;
    return {
      ...(typeof id === 'string' ? { eventId: id.slice(0, LONGEST) } : {}),
      ...(typeof source === 'string' ? { eventSource: source.slice(0, LONGEST) } : {}),
    };
  } catch {
    return {}; // It is no event: where it stands has to do.
  }
};

const traceOf = (json: string): { traceId?: string } => {
  const context = traceContextOf(json);
  return context === undefined ? {} : { traceId: traceIdOf(context) };
};
