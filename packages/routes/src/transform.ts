import { PermanentError, TransientError } from '@millrace/streams';
import jsonata from 'jsonata';

/** An expression that cannot be compiled, or that failed on an event. Says where, and quotes it. */
export class TransformError extends PermanentError {
  override readonly name = 'TransformError';
}

/** An evaluation took too long: on a machine with much to do that may be nobody's fault, so it is tried again. */
export class TransformOverdue extends TransientError {
  override readonly name = 'TransformOverdue';
}

/** How much of an expression a message quotes. */
const QUOTED = 200;

/** A failure in a sentence: what was wrong, at which character of the expression, and the expression itself. */
export const transformError = (expression: string, error: unknown): TransformError | TransformOverdue => {
  const { message, position, isOverdue } = error as { message?: unknown; position?: unknown; isOverdue?: boolean };
  const where = typeof position === 'number' ? ` at character ${position}` : '';
  const quoted = expression.length > QUOTED ? `${expression.slice(0, QUOTED)}…` : expression;
  const Failure = isOverdue === true ? TransformOverdue : TransformError;
  return new Failure(`${String(message ?? error)}${where} of: ${quoted}`);
};

/** Throws a `TransformError` if the expression cannot be compiled. */
export const checkTransform = (expression: string): void => {
  try {
    jsonata(expression);
  } catch (error) {
    throw transformError(expression, error);
  }
};
