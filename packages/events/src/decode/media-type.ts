import { cut, EventError } from '../event-error.js';

/** A media type in lower case, without parameters but `charset`. */
export interface MediaType {
  readonly essence: string;
  readonly charset: string | undefined;
}

const ESSENCE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;
const cache = new Map<string, MediaType>();
const CACHED = 64;

/** The media type of a `content-type` header; throws a 415 if it is none. Undefined if there is no header. */
export const parseMediaType = (header: string | readonly string[] | undefined): MediaType | undefined => {
  if (header === undefined || header === '') return undefined;
  const text = typeof header === 'string' ? header : header.join(', ');
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = parse(text);
  // Clients send a handful of them; the bound keeps a hostile one from filling memory.
  if (cache.size < CACHED && text.length < 100) cache.set(text, parsed);
  return parsed;
};

const parse = (text: string): MediaType => {
  const [head = '', ...parameters] = splitOutsideQuotes(text);
  const essence = head.trim().toLowerCase();
  if (!ESSENCE.test(essence)) {
    throw new EventError('unsupported-media-type', 415, `Content-Type "${cut(text)}" is not a media type`);
  }
  const charsets = parameters.map(charsetIn).filter((one) => one !== undefined);
  // Of several, one that is not taken: whoever looked at another would read other characters.
  return { essence, charset: charsets.find((one) => !isUtf8(one)) ?? charsets[0] };
};

/** A `;` or a `"` inside a quoted string ends nothing: RFC 9110, 5.6.4 and 5.6.6. */
const splitOutsideQuotes = (text: string): string[] => text.match(/(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];

const charsetIn = (parameter: string): string | undefined => {
  const value = /^\s*charset\s*=\s*(\S*?)\s*$/i.exec(parameter)?.[1];
  const bare = value?.startsWith('"') ? value.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : value;
  return bare === '' ? undefined : bare?.toLowerCase();
};

const isUtf8 = (charset: string): boolean => charset === 'utf-8' || charset === 'utf8';

/** Throws a 415 if the media type names a charset that is not UTF-8. */
export const requireUtf8 = ({ charset }: MediaType): void => {
  if (charset === undefined || isUtf8(charset)) return;
  throw new EventError('unsupported-charset', 415, `charset "${cut(charset)}" is not supported; use utf-8`);
};

/** Whether a media type holds JSON: `application/json`, `text/json`, or any `+json`. */
export const isJsonType = (essence: string): boolean =>
  essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');
