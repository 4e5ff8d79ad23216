import { isJsonType } from '../decode/media-type.js';
import { EventError } from '../event-error.js';
import { scanMembers } from '../json/json-scan.js';
import { type CloudEvent, parseEvent } from './cloud-event.js';

/** An HTTP message that carries an event. Header names are in lower case. */
export interface Encoded {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** The event in structured mode: the text as it is. */
export const encodeStructured = (json: string): Encoded => ({
  headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
  body: json,
});

/**
 * The event in binary mode: attributes as percent-encoded `ce-` headers, the data as the body, text and JSON in UTF-8. JSON
 * data is the slice of `json` it came from. Throws `EventError` if `json` is no event, or its text is no Unicode.
 */
export const encodeBinary = (json: string): Encoded => {
  const event = parseEvent(json);
  const { headers, body } = dataOf(json, event);
  for (const name of Object.keys(event)) {
    if (name === 'data' || name === 'data_base64' || name === 'datacontenttype' || !NAME.test(name)) continue;
    headers[`ce-${name}`] = percentEncode(String(event[name]));
  }
  return { headers, body };
};

/** The event's data alone, under its own content type; an empty body without headers if it has none. */
export const encodeData = (json: string): Encoded => dataOf(json, parseEvent(json));

const NAME = /^[a-z0-9]+$/;

const dataOf = (json: string, event: CloudEvent): { headers: Record<string, string>; body: string | Buffer } => {
  const { data, data_base64: base64, datacontenttype: type } = event;
  if (typeof base64 === 'string') {
    return { headers: contentType(type ?? 'application/octet-stream'), body: Buffer.from(base64, 'base64') };
  }
  if (data === undefined) return { headers: type === undefined ? {} : contentType(inUtf8(type)), body: '' };
  const essence = (type ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
  const isText = typeof data === 'string' && !isJsonType(essence);
  return { headers: contentType(inUtf8(type ?? 'application/json')), body: isText ? wellFormed(data) : rawData(json) };
};

/** A quoted string, in which nothing counts; or a charset and its value. */
const CHARSET = /"(?:[^"\\]|\\.)*"|(;\s*charset\s*=\s*)("(?:[^"\\]|\\.)*"|[^;\s]*)/gi;

/** Text and JSON are sent in UTF-8, in whatever charset they once came: the header says so, where it speaks of one. */
const inUtf8 = (type: string): string =>
  type.replace(CHARSET, (whole: string, name: string | undefined, charset: string) =>
    name === undefined || /^"?utf-?8"?$/i.test(charset) ? whole : `${name}utf-8`,
  );

/** Half of a surrogate pair has no bytes: it would arrive as something else. */
const wellFormed = (text: string): string => {
  if (Buffer.from(text, 'utf8').toString('utf8') === text) return text;
  throw new EventError('not-unicode', 422, 'data has half of a surrogate pair, which no charset can carry');
};

/** A stored content type is sent as a header: nothing in it may end the header. */
const contentType = (type: string): Record<string, string> => ({
  'content-type': /^[\x20-\x7e]+$/.test(type) ? type : 'application/octet-stream',
});

const rawData = (json: string): string => scanMembers(json).findLast(({ key }) => key === 'data')?.rawValue ?? '';

/** By the HTTP binding, 3.1.3.2: all but printable ASCII, and of that the space, the quote and the percent sign. */
const percentEncode = (text: string): string =>
  text.replace(/[^\x21\x23\x24\x26-\x7e]+/gu, (run) =>
    [...Buffer.from(run, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
