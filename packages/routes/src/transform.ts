import { compileExpression } from '@millrace/expressions';
import { PermanentError } from '@millrace/streams';

/** An expression that cannot be compiled, or that failed on an event. Says where, and quotes it. */
export class TransformError extends PermanentError {
  override readonly name = 'TransformError';
}

/** How much of an expression a message quotes. */
const QUOTED = 200;

/** A failure in a sentence: what was wrong, at which character of the expression, and the expression itself. */
export const transformError = (expression: string, error: unknown): TransformError => {
  const { message, position } = error as { message?: unknown; position?: unknown };
  const where = typeof position === 'number' ? ` at character ${position}` : '';
  const quoted = expression.length > QUOTED ? `${expression.slice(0, QUOTED)}…` : expression;
  return new TransformError(`${String(message ?? error)}${where} of: ${quoted}`);
};

/** Throws a `TransformError` if the expression cannot be compiled. */
export const checkTransform = (expression: string): void => {
  try {
    compileExpression(expression, 1000);
  } catch (error) {
    throw transformError(expression, error);
  }
};
