import { DefinitionError } from '@millrace/definitions';
import { problem, RequestRefused } from '@millrace/host';

/** What is refused with a problem. */
export const refusal = (code: string, status: number, detail: string, pointer?: string): RequestRefused =>
  new RequestRefused(problem(code, status, detail, pointer));

/** The 404 of what is not there. */
export const missing = (what: string, pointer?: string): RequestRefused => refusal('not-found', 404, what, pointer);

/** The 409 of what does not fit what there is. */
export const conflict = (why: string): RequestRefused => refusal('conflict', 409, why);

/** Where in a request stands what a definition has at a pointer; of the whole definition there is none. */
type PointerOf = (pointer: string | undefined) => string | undefined;

/** What is refused of a definition, as a problem: a 404, a 409, else a 422; any other error as it is. */
export const problemIn = (error: unknown, pointerOf: PointerOf = (pointer) => pointer): unknown => {
  if (!(error instanceof DefinitionError)) return error;
  const { code, message, pointer } = error;
  const status = { 'not-found': 404, conflict: 409 }[code] ?? 422;
  return refusal(code, status, message, pointerOf(pointer) || undefined);
};

export const asProblem = async <T>(work: () => Promise<T>, pointerOf?: PointerOf): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw problemIn(error, pointerOf);
  }
};
