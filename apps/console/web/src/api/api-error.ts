import type { Problem } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';

/** What the admin API refused, in its own sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
    /** What tells one problem from another: `conflict`; undefined where something else answered. */
    readonly code?: string,
    /** Which part of the input it is about: `/filter/from` of a body, or the name of a parameter. */
    readonly pointer?: string,
  ) {
    super(message);
  }
}

/** The error of an answer that is none of success; who stands between may have answered in the place of the console. */
export const apiErrorOf = (status: number, text: string): ApiError => {
  const { detail, title, code, pointer } = problemOf(text);
  return new ApiError(status, detail ?? title ?? `The console returned HTTP ${status}`, code, pointer);
};

const problemOf = (text: string): Partial<Problem> => {
  try {
    return (parseJson(text) as Partial<Problem> | null) ?? {};
  } catch {
    return {};
  }
};

/** What the API says of a member of the body; undefined where it says nothing, or speaks of something else. */
export const problemAt = (error: Error | undefined, pointer: string): string | undefined => {
  if (!(error instanceof ApiError)) return undefined;
  return error.pointer === pointer || error.pointer?.startsWith(`${pointer}/`) ? error.message : undefined;
};
