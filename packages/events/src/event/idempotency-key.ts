import { cut, EventError } from '../event-error.js';

const MAX_LENGTH = 255;
const TAKES = 'it must be one string of 1 to 255 printable ASCII characters, quoted or bare';

const refuse = (header: string, what: string): EventError =>
  new EventError('bad-idempotency-key', 400, `Idempotency-Key "${cut(header)}" ${what}; ${TAKES}`);

const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const BARE = /^[\x21\x23-\x7e](?:[\x20\x21\x23-\x7e]*[\x21\x23-\x7e])?$/;

const unquote = (header: string): string => {
  const quoted = QUOTED.exec(header);
  if (quoted === null) throw refuse(header, 'is not a well-formed quoted string');
  return (quoted[1] as string).replace(/\\(["\\])/g, '$1');
};

/**
 * The key of an `Idempotency-Key` header, undefined without one. Quoted as in the IETF draft, where only `\"` and `\\`
 * are escapes, or bare; `"a"` and `a` are the same key. Throws a 400 if it is neither, empty, repeated or too long.
 */
export const parseIdempotencyKey = (header: string | readonly string[] | undefined): string | undefined => {
  if (header === undefined) return undefined;
  if (typeof header !== 'string') throw refuse(header.join(', '), 'is repeated');
  const trimmed = header.trim();
  const key = trimmed.startsWith('"') ? unquote(trimmed) : trimmed;
  if (key === '') throw refuse(header, 'is empty');
  if (key.length > MAX_LENGTH) throw refuse(header, `has ${key.length} characters`);
  if (!trimmed.startsWith('"') && !BARE.test(key)) throw refuse(header, 'is not a plain string');
  return key;
};
