import { MAX_DEPTH } from './depth.js';
import { ExactNumber, numberOf } from './exact-number.js';
import { endOfString } from './string-end.js';

// Only such a number may be one that a double does not hold. Also true of such text in strings, at the price of time.
// Sixteen digits are exact up to 9007199254740992, as microseconds since 1970 are.
const SUSPICIOUS = /\d[\d.]{16}|9[\d.]{15}|\d[\d.]{15}[eE]|\d[eE][+-]?\d{3}/;

/** Whether a text may hold a number that a double does not. Where it says no, `JSON.parse` loses nothing. */
export const mayBeInexact = (text: string): boolean => SUSPICIOUS.test(text);

/**
 * `JSON.parse`, but for numbers that a double does not hold, which are `ExactNumber`s. A text without any costs a search
 * more. Throws a `SyntaxError`; where it holds such numbers, also for more than 512 levels.
 */
export const parseJson = (text: string): unknown => {
  const found = mayBeInexact(text) ? exactNumbersIn(text) : [];
  return found.length === 0 ? (JSON.parse(text) as unknown) : withNumbers(JSON.parse(marked(text, found)), found);
};

interface Found {
  readonly from: number;
  readonly to: number;
  readonly number: ExactNumber;
}

const OF_NUMBER = '0123456789.eE+-';
const REST_OF_NUMBER = /[\d.eE+-]*/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const COLON = /[ \t\n\r]*:/y;

/** Numbers of a JSON text that a double does not hold, outside of its strings. */
const exactNumbersIn = (text: string): Found[] => {
  const found: Found[] = [];
  const search = new RegExp(SUSPICIOUS, 'g');
  /** Where the next string begins behind those that were passed, and where the last of these ended. */
  let [quote, end] = [text.indexOf('"'), 0];
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    while (quote >= 0 && quote < match.index) {
      end = endOfString(text, quote);
      // `JSON.parse` says so.
      if (end < 0) return found;
      quote = text.indexOf('"', end);
    }
    if (end > match.index) {
      search.lastIndex = end;
      continue;
    }
    const one = numberAt(text, match.index);
    if (one.number instanceof ExactNumber) found.push(one as Found);
    search.lastIndex = one.to;
  }
  return found;
};

/** The number that a place is in; none where it is not written as JSON has it, which `JSON.parse` says then. */
const numberAt = (text: string, at: number): { from: number; to: number; number: ExactNumber | number | undefined } => {
  let from = at;
  while (from > 0 && OF_NUMBER.includes(text.charAt(from - 1))) from -= 1;
  REST_OF_NUMBER.lastIndex = from;
  const [written = ''] = REST_OF_NUMBER.exec(text) ?? [];
  const to = from + written.length;
  COLON.lastIndex = to;
  // A string in the place of a number would be the key of a member.
  const isNumber = NUMBER.test(written) && !COLON.test(text);
  return { from, to, number: isNumber ? numberOf(written) : undefined };
};

/** What a string in the place of a number begins with: nobody can guess it, so no other string does. */
const MARK = Array.from(globalThis.crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');

const marked = (text: string, found: readonly Found[]): string => {
  let [whole, at] = ['', 0];
  for (const [n, { from, to }] of found.entries()) {
    whole += `${text.slice(at, from)}"${MARK}${n}"`;
    at = to;
  }
  return whole + text.slice(at);
};

const withNumbers = (value: unknown, found: readonly Found[], depth = 0): unknown => {
  if (typeof value === 'string') {
    return value.startsWith(MARK) ? (found[Number(value.slice(MARK.length))] as Found).number : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new SyntaxError(`JSON is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (let n = 0; n < value.length; n += 1) value[n] = withNumbers(value[n], found, depth + 1);
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const inner = object[key];
    const changed = withNumbers(inner, found, depth + 1);
    if (changed === inner) continue;
    // As JSON.parse does: a member, and not the prototype.
    Object.defineProperty(object, key, { value: changed, writable: true, enumerable: true, configurable: true });
  }
  return object;
};
