import type { Problem } from '@millrace/admin-api';
import { EventError } from '@millrace/events';
import { problemOf as anyProblemOf, problem } from '@millrace/host';
import type { Violation } from '@millrace/schemas';

/** As the host's, and of what is wrong with an event. */
export const problemOf = (error: unknown): ReturnType<typeof anyProblemOf> =>
  error instanceof EventError
    ? { problem: problem(error.code, error.status, error.message), headers: {} }
    : anyProblemOf(error);

/** The 422 of an event that the schema of its type does not allow. */
export const schemaProblem = ({ message, pointer }: Violation): Problem => ({
  ...problem('schema-violation', 422, message),
  pointer,
});
