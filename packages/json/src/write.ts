import { ExactNumberError, markedBy } from './exact-number.js';

/**
 * `JSON.stringify`, but an `ExactNumber` is written with all of its digits. `indent`: spaces of each level. As there,
 * what JSON does not have (`undefined`, a function) gives undefined, whatever the type says.
 */
export const writeJson = (value: unknown, indent?: number): string => {
  const write = () => JSON.stringify(value, undefined, indent);
  try {
    return write();
  } catch (error) {
    if (!(error instanceof ExactNumberError)) throw error;
  }
  const mark = newMark();
  const marked = markedBy((text) => `${mark}${text}`, write);
  return marked.replaceAll(new RegExp(`"${mark}([-+.0-9eE]+)"`, 'g'), '$1');
};

/** Nobody can have sent a string that begins so. */
const newMark = (): string => `number-${crypto.getRandomValues(new BigUint64Array(2)).join('-')}:`;

const SHOWN = 100;

/** A value as a message quotes it: its JSON, at most 100 characters of it; `nothing` for undefined. */
export const shown = (value: unknown): string => (writeJson(value) ?? 'nothing').slice(0, SHOWN);
