import { DefinitionError } from '@millrace/definitions';
import { problem, RequestRefused } from '@millrace/host';

const STATUS: Readonly<Record<string, number>> = { 'not-found': 404, conflict: 409 };

/** What is refused of a change of definitions, as a problem: a 404, a 409, else a 422. `pointers` are those that a body has otherwise. */
export const asProblem = async <T>(
  work: () => Promise<T>,
  pointers: Readonly<Record<string, string>> = {},
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    const { code, message, pointer } = error;
    const at = pointer === undefined ? undefined : (pointers[pointer] ?? pointer);
    throw new RequestRefused(problem(code, STATUS[code] ?? 422, message, at));
  }
};
