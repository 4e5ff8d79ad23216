import { isUtf8 } from 'node:buffer';
import { cut, EventError } from '../event-error.js';

const refuse = (header: string, value: string, what: string): EventError =>
  new EventError(
    'bad-header',
    400,
    `Header ${cut(header)} is "${cut(value)}", ${what}; it must be percent-encoded UTF-8`,
  );

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/**
 * An attribute of its header value, by the HTTP binding, 3.1.3.2: quotes undone, then percent-encoding, once. Raw UTF-8
 * is understood too; bytes that are not UTF-8 are a 400.
 */
export const decodeHeaderValue = (header: string, value: string): string => {
  const bare = value.startsWith('"') ? unquote(header, value) : value;
  if (PLAIN.test(bare)) return bare;
  if (BAD_ESCAPE.test(bare)) throw refuse(header, value, 'where a % is not followed by two hex digits');
  // Node hands header bytes out as Latin-1 characters; percent-encoded ones join them.
  const bytes = Buffer.from(
    bare.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  if (!isUtf8(bytes)) throw refuse(header, value, 'which is not valid UTF-8');
  return bytes.toString('utf8');
};

const unquote = (header: string, value: string): string => {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(value)) throw refuse(header, value, 'a quoted string that does not end');
  return value.slice(1, -1).replace(/\\(.)/g, '$1');
};
