import { PermanentError, TransientError, Unavailable } from '@millrace/streams';
import type { Culprit } from '../target.js';

/** What Postgres says of an error, see its protocol's "Error and Notice Message Fields". */
export interface PostgresError extends Error {
  /** SQLSTATE, five characters. */
  readonly code: string;
  /** `ERROR` where the statement failed alone; anything else ended the connection, or is a word of another language. */
  readonly severity: string;
  readonly detail?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Classes of SQLSTATE (Postgres, appendix A) that a row brings about as a rule: data exception, integrity violation, a
 * trigger or a routine that refuses it, a view's check, a limit exceeded (a key too long for its index).
 */
const OF_THE_ROWS = new Set(['22', '23', '27', '2F', '38', '39', '44', '54', 'P0']);
/** Of class 22, but a sequence that is used up: no row has a number any more. */
const SEQUENCE_USED_UP = '2200H';
/** What a value may bring about that is parsed by a type of its own, what an extension raises, two rows with one key. */
const OF_EITHER = new Set(['42601', '42602', '42883', 'XX000', '0A000', '21000']);
/** One failure takes as long as a time-out. */
const SLOW = new Set(['57014', '55P03']);

/** True for what Postgres itself answered, false for a lost connection and for what Node threw. */
export const isPostgresError = (error: unknown): error is PostgresError =>
  error instanceof Error && SQLSTATE.test(String((error as { code?: unknown }).code)) && 'severity' in error;

/** The statement may have failed with its connection, so the server has to be asked whether it is there. */
export const isLost = (error: unknown): boolean => !isPostgresError(error) || error.severity !== 'ERROR';

/** Most likely a row's: such a batch is divided at once. A guess, which decides how fast, not whether. */
export const isOfRows = (error: unknown): boolean =>
  isPermanent(error) || (isPostgresError(error) && OF_EITHER.has(error.code));

/** Whether the row that this is the error of would fail the same way again. */
const isPermanent = (error: unknown): boolean =>
  isPostgresError(error) && error.code !== SEQUENCE_USED_UP && OF_THE_ROWS.has(error.code.slice(0, 2));

export const isSlow = (error: unknown): boolean => isLost(error) || SLOW.has((error as PostgresError).code);

/** Classes of a server that lacks something, or cannot write at all: all of its tables have it. */
const OF_THE_SERVER = new Set(['53', '57', '58']);
const READ_ONLY = '25006';

export const isOfServer = (error: unknown): boolean =>
  isPostgresError(error) && (error.code === READ_ONLY || OF_THE_SERVER.has(error.code.slice(0, 2)));

/** Insufficient resources: a row that is there already may take none, so it proves nothing. */
export const isShortOf = (error: unknown): boolean => isPostgresError(error) && error.code.startsWith('53');

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

/** The error of one row that cannot be written although others can. A constraint that is checked against other rows may hold later. */
export const rowError = (error: Error, culprit?: Culprit): PermanentError | TransientError => {
  const what = culprit === undefined ? '' : `; ${sentenceOf(culprit)}`;
  const message = `${isPostgresError(error) ? describe(error) : `cannot be written: ${messageOf(error)}`}${what}`;
  // A foreign key: the row it names may still come.
  return isPermanent(error) && (error as PostgresError).code !== '23503'
    ? new PermanentError(message, { cause: error })
    : new TransientError(message, { cause: error });
};

const sentenceOf = ({ column, value }: Culprit): string =>
  column === undefined
    ? 'Postgres does not accept the event as JSON'
    : `column ${column} does not accept ${JSON.stringify(value)}`;

/** The error of a server or a table that cannot take rows now: away, full, read-only, or not set up for us. */
export const serverError = (cause: unknown): Unavailable => {
  if (cause instanceof Unavailable) return cause;
  const message = isPostgresError(cause) ? describe(cause) : `Postgres cannot be reached: ${messageOf(cause)}`;
  return new Unavailable(message, { cause });
};

// Node gives an AggregateError without a message where a name has several addresses and none answers.
const messageOf = (cause: unknown): string => {
  const { message, code } = cause as { message?: string; code?: string };
  return message || code || String(cause);
};
