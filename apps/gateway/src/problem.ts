import { EventError } from '@millrace/events';
import { problemOf as anyProblemOf, problem, RequestRefused } from '@millrace/host';

/** As the host's, and of what is wrong with an event. */
export const problemOf = (error: unknown): ReturnType<typeof anyProblemOf> =>
  anyProblemOf(
    error instanceof EventError ? new RequestRefused(problem(error.code, error.status, error.message)) : error,
  );
