import { cut, EventError } from '../event-error.js';

/** JSON.parse with a 400 that names what was parsed. */
export const parseJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw notJson(what, (error as Error).message, error);
  }
};

/** The 400 of text that is no JSON. */
export const notJson = (what: string, why: string, cause?: unknown): EventError =>
  new EventError('not-json', 400, `${what} is not JSON: ${cut(why)}`, { cause });
