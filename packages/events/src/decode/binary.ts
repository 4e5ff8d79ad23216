import { checkMembers, requirePresent } from '../event/attributes.js';
import { cut, EventError } from '../event-error.js';
import { scanValue, skipSpace } from '../json/json-scan.js';
import { JsonSource, withoutMark } from '../json/json-source.js';
import { parseJson } from '../json/parse-json.js';
import { DEFAULT_MAX_EVENT_BYTES, MAX_DEPTH } from '../limits.js';
import type { Decoded, DecodeOptions, Headers, IncomingEvent } from './decode-options.js';
import { decodeHeaderValue } from './header-value.js';
import { isJsonType, type MediaType, requireUtf8 } from './media-type.js';
import { checkSize, onOneLine, partitionKeyOf, rejected, tooDeep, tooLarge } from './structured.js';

const SIGNS = ['ce-specversion', 'ce-id', 'ce-type', 'ce-source'] as const;

/** Whether headers are those of an event in binary mode. */
export const isBinary = (headers: Headers): boolean => SIGNS.some((name) => headers[name] !== undefined);

/** Decodes an event in binary mode. Throws where the body is not what `content-type` says it is. */
export const decodeBinary = (
  headers: Headers,
  mediaType: MediaType | undefined,
  body: Buffer,
  options: DecodeOptions,
): Decoded => {
  let attributes: Record<string, string> | undefined;
  try {
    attributes = readAttributes(headers);
    return { ok: true, event: toIncoming(attributes, dataMember(mediaType, withinSize(body, options)), options) };
  } catch (error) {
    // A body that is no JSON is the whole request's error, and this request is one event.
    if (error instanceof EventError) return rejected(error, attributes);
    throw error;
  }
};

const toIncoming = (attributes: Record<string, string>, data: string, options: DecodeOptions): IncomingEvent => {
  checkMembers(attributes, '', false);
  requirePresent('specversion', attributes['specversion']);
  const id = requirePresent('id', attributes['id']);
  const source = requirePresent('source', attributes['source']);
  const type = requirePresent('type', attributes['type']);
  const json = `${JSON.stringify(attributes).slice(0, -1)}${data}}`;
  const partitionKey = partitionKeyOf(attributes, options.idempotencyKey ?? `${source}\n${id}`);
  checkSize(json, options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES);
  return { id, source, type, partitionKey, json };
};

/** Attributes by name. Without a prototype, so that no header name means anything. */
const readAttributes = (headers: Headers): Record<string, string> => {
  const attributes = Object.create(null) as Record<string, string>;
  for (const header of Object.keys(headers)) {
    if (!header.startsWith('ce-')) continue;
    const value = headers[header];
    if (value === undefined) continue;
    const name = header.slice(3);
    if (name === 'datacontenttype' || name === 'data' || name === 'data_base64') {
      const instead = name === 'datacontenttype' ? 'the Content-Type header' : 'the body';
      throw new EventError('bad-attribute-name', 422, `Header ${header} is not supported; use ${instead}`);
    }
    if (typeof value !== 'string') {
      throw new EventError(
        'duplicate-header',
        400,
        `Header ${cut(header)} is repeated ${value.length} times; it may occur once`,
      );
    }
    attributes[name] = decodeHeaderValue(header, value);
  }
  const contentType = headers['content-type'];
  if (typeof contentType === 'string' && contentType !== '') attributes['datacontenttype'] = contentType;
  return attributes;
};

/** What is stored is no shorter than the body, so that a body over the size is not read. */
const withinSize = (body: Buffer, { maxEventBytes = DEFAULT_MAX_EVENT_BYTES }: DecodeOptions): Buffer => {
  if (body.length > maxEventBytes) throw tooLarge(maxEventBytes);
  return body;
};

/** `,"data":…` or `,"data_base64":…`, empty for an empty body. */
const dataMember = (mediaType: MediaType | undefined, body: Buffer): string => {
  if (body.length === 0) return '';
  if (mediaType !== undefined && isJsonType(mediaType.essence)) return `,"data":${rawJson(mediaType, body)}`;
  if (mediaType?.essence.startsWith('text/')) {
    requireUtf8(mediaType);
    return `,"data":${JSON.stringify(new JsonSource(withoutMark(body), 'The body').text)}`;
  }
  return `,"data_base64":"${body.toString('base64')}"`;
};

const rawJson = (mediaType: MediaType, body: Buffer): string => {
  requireUtf8(mediaType);
  const source = new JsonSource(withoutMark(body), 'The body');
  const start = skipSpace(source.bytes, 0);
  const { end, depth } = scanValue(source.bytes, start, source.bytes.length);
  if (depth >= MAX_DEPTH) throw tooDeep(depth + 1);
  parseJson(source.text, 'The body');
  return onOneLine(source.slice(start, end));
};
