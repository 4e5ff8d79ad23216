import { PermanentError, TransientError, Unavailable } from '@millrace/streams';
import type { Culprit } from './target.js';

/** What Postgres says of an error, see its protocol's "Error and Notice Message Fields". */
export interface PostgresError extends Error {
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly detail?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/**
 * Who is to blame for an error: the rows of the statement, or the server and how it is set up. `unsure`: it may be either;
 * each row is tried alone, and one that fails is tried again by the schedule.
 */
export type Blame = 'rows' | 'server' | 'unsure';

const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Classes of SQLSTATE (Postgres, appendix A) that a row brings about: data exception, integrity violation, a trigger or a
 * routine that refuses it, a view's check, a limit exceeded (a key too long for its index).
 */
const OF_THE_ROWS = new Set(['22', '23', '27', '2F', '38', '39', '44', '54', 'P0']);
/** What a value may bring about that is parsed by a type of its own, and what an extension raises. */
const OF_EITHER = new Set(['42601', '42602', '42883', 'XX000', '0A000']);

/** True for what Postgres itself answered, false for a lost connection. */
export const isPostgresError = (error: unknown): error is PostgresError =>
  error instanceof Error && SQLSTATE.test(String((error as { code?: unknown }).code)) && 'severity' in error;

export const blameFor = (error: unknown): Blame => {
  if (!isPostgresError(error)) return 'server';
  if (OF_EITHER.has(error.code)) return 'unsure';
  return OF_THE_ROWS.has(error.code.slice(0, 2)) ? 'rows' : 'server';
};

/** What Postgres said, in a sentence. */
export const describe = ({ code, message, detail, column, constraint }: PostgresError): string =>
  [
    `Postgres ${code}: ${message}`,
    detail && `(${detail})`,
    column && `column ${column}`,
    constraint && `constraint ${constraint}`,
  ]
    .filter(Boolean)
    .join(' ');

/** The error of one row that cannot be written. A constraint that is checked against other rows may hold later. */
export const rowError = (error: PostgresError, culprit?: Culprit): PermanentError | TransientError => {
  const what = culprit === undefined ? '' : `; column ${culprit.column} does not take ${JSON.stringify(culprit.value)}`;
  const message = `${describe(error)}${what}`;
  // A foreign key: the row it names may still come.
  return error.code === '23503' || blameFor(error) === 'unsure'
    ? new TransientError(message, { cause: error })
    : new PermanentError(message, { cause: error });
};

/** The error of a server that cannot take rows now: away, full, read-only, or not set up for us. */
export const serverError = (cause: unknown): Unavailable => {
  const message = isPostgresError(cause) ? describe(cause) : `Postgres cannot be reached: ${messageOf(cause)}`;
  return new Unavailable(message, { cause });
};

// Node gives an AggregateError without a message where a name has several addresses and none answers.
const messageOf = (cause: unknown): string => {
  const { message, code } = cause as { message?: string; code?: string };
  return message || code || String(cause);
};
