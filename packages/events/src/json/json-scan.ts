/**
 * Finds the bounds of JSON values in UTF-8, aware of strings and nothing else. It does not validate: slices that it
 * yields are handed to JSON.parse. Iterative, so depth costs no stack. On bytes, because reading a string character by
 * character costs twice as much (0.40 against 0.82 µs for an event of 326 bytes). Reads each byte once, up to `to`: what has no
 * end must not be searched for one in all that follows.
 */

/** Where a value ends and what was met on the way. */
export interface Extent {
  /** Index after the value's last byte; past the end of all if the value is cut short. */
  readonly end: number;
  /** Members of the value if it is an object, duplicate keys counted each. */
  readonly members: number;
  /** 0 for a scalar, 1 for an object or array without another in it. */
  readonly depth: number;
}

/** A member of an object: its decoded key, and as they are in the text the whole member and its value. */
export interface Member {
  readonly key: string;
  readonly raw: string;
  readonly rawValue: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Whether a byte is JSON white space. */
export const isSpace = (c: number | undefined): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;

/** Index of the first byte from `at` on that is no JSON white space. */
export const skipSpace = (bytes: Uint8Array, at: number): number => {
  let i = at;
  while (isSpace(bytes[i])) i += 1;
  return i;
};

/** Index of the quote that ends the string whose first quote is at `open`; past the end if there is none. */
const closingQuote = (bytes: Uint8Array, open: number, to: number): number => {
  let i = open + 1;
  while (i < to) {
    const c = bytes[i];
    if (c === QUOTE) return i;
    i += c === BACKSLASH ? 2 : 1;
  }
  return to;
};

const endOfScalar = (bytes: Uint8Array, at: number, to: number): number => {
  if (bytes[at] === QUOTE) return closingQuote(bytes, at, to) + 1;
  let i = at;
  while (i < to) {
    const c = bytes[i];
    if (c === COMMA || c === CLOSE_BRACKET || c === CLOSE_BRACE || c === COLON || isSpace(c)) break;
    i += 1;
  }
  return i;
};

/** The extent of the value whose first byte is at `at`, and which ends before `to`. */
export const scanValue = (bytes: Uint8Array, at: number, to: number): Extent => {
  const first = bytes[at];
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return { end: endOfScalar(bytes, at, to), members: 0, depth: 0 };
  let level = 1;
  let depth = 1;
  let members = 0;
  for (let i = at + 1; i < to; i += 1) {
    const c = bytes[i];
    if (c === QUOTE) i = closingQuote(bytes, i, to);
    else if (c === COLON) members += level === 1 ? 1 : 0;
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      level += 1;
      if (level > depth) depth = level;
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      level -= 1;
      if (level === 0) return { end: i + 1, members, depth };
    }
  }
  return { end: to + 1, members, depth };
};

/** An element of an array: where it starts, and its extent. */
export interface Element extends Extent {
  readonly start: number;
}

/** What a scan finds in place of elements: a request is refused as a whole for it, and nothing of it is parsed. */
export type ArrayFlaw = { readonly tooMany: true } | { readonly why: string };

/**
 * Elements of the array at `at`, which ends the bytes but for white space, or what keeps it from being one of at most `most`.
 * That the elements are JSON is for the caller to see.
 */
export const scanElements = (bytes: Uint8Array, at: number, most: number): Element[] | ArrayFlaw => {
  const elements: Element[] = [];
  const { length } = bytes;
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === CLOSE_BRACKET) return endOf(bytes, i, elements);
  for (;;) {
    if (elements.length === most) return { tooMany: true };
    const { end, members, depth } = scanValue(bytes, i, length);
    if (end > length) return { why: `element ${elements.length} has no end` };
    if (end === i) return { why: `element ${elements.length} is missing` };
    elements.push({ start: i, end, members, depth });
    i = skipSpace(bytes, end);
    const c = bytes[i];
    if (c === CLOSE_BRACKET) return endOf(bytes, i, elements);
    if (c !== COMMA) return { why: i < length ? `a "," is missing at byte ${i}` : 'the array has no end' };
    i = skipSpace(bytes, i + 1);
  }
};

const endOf = (bytes: Uint8Array, close: number, elements: Element[]): Element[] | ArrayFlaw => {
  const rest = skipSpace(bytes, close + 1);
  return rest === bytes.length ? elements : { why: `the array ends before byte ${rest}, and the body does not` };
};

/** Members of the object that `json` is, in order. It has to be valid JSON. */
export const scanMembers = (json: string): Member[] => [...eachMember(json)];

/** As `scanMembers`, for whoever may not need all of them. */
export const eachMember = function* (json: string): Generator<Member> {
  const bytes = Buffer.from(json);
  const { length } = bytes;
  let i = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  while (bytes[i] === QUOTE) {
    const keyEnd = closingQuote(bytes, i, length) + 1;
    const valueStart = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const { end } = scanValue(bytes, valueStart, length);
    const key = JSON.parse(bytes.toString('utf8', i, keyEnd)) as string;
    yield { key, raw: bytes.toString('utf8', i, end), rawValue: bytes.toString('utf8', valueStart, end) };
    i = skipSpace(bytes, end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1);
  }
};
