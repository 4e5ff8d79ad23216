import { decodeBinary, isBinary } from './binary.js';
import type { Decoded, DecodeOptions, Headers } from './decode-options.js';
import { cut, EventError, show } from './event-error.js';
import { type Element, scanElements, scanValue, skipSpace } from './json-scan.js';
import { JsonSource, withoutMark } from './json-source.js';
import { type MediaType, parseMediaType, requireUtf8 } from './media-type.js';
import { NdjsonDecoder } from './ndjson.js';
import { notJson, parseJson } from './parse-json.js';
import { type RawEvent, StructuredDecoder } from './structured.js';

const TAKEN =
  'taken are application/cloudevents+json, application/cloudevents-batch+json, application/json, ' +
  'application/x-ndjson, and any type with ce- headers';

/**
 * The events of a request, in its order. `headers` have names in lower case, as Node has them. Throws an `EventError`
 * where the request as a whole cannot be read: not JSON, not UTF-8, a media type that is not taken, more than
 * `maxEvents`. What is wrong with one event rejects that one.
 */
export const decodeRequest = (headers: Headers, body: Buffer, options: DecodeOptions): Decoded[] => {
  const mediaType = parseMediaType(headers['content-type']);
  switch (mediaType?.essence) {
    case 'application/cloudevents+json':
      return [decodeSingle(sourceOf(mediaType, body), new StructuredDecoder(options, 'cloudevent'))];
    case 'application/cloudevents-batch+json':
      return decodeArray(sourceOf(mediaType, body), new StructuredDecoder(options, 'cloudevent'), options);
  }
  if (mediaType?.essence.startsWith('application/cloudevents')) throw unsupported(mediaType);
  if (isBinary(headers)) return [decodeBinary(headers, mediaType, body, options)];
  switch (mediaType?.essence) {
    case 'application/json':
      return decodePlain(sourceOf(mediaType, body), options);
    case 'application/x-ndjson':
      return decodeLines(headers, body, options);
  }
  throw unsupported(mediaType);
};

const unsupported = (mediaType: MediaType | undefined): EventError => {
  const what =
    mediaType === undefined ? 'There is no Content-Type' : `Content-Type ${cut(mediaType.essence)} is not taken`;
  return new EventError('unsupported-media-type', 415, `${what}; ${TAKEN}`);
};

const sourceOf = (mediaType: MediaType, body: Buffer): JsonSource => {
  requireUtf8(mediaType);
  return new JsonSource(withoutMark(body), 'The body');
};

const OPEN_BRACKET = 0x5b;

const decodePlain = (source: JsonSource, options: DecodeOptions): Decoded[] => {
  const decoder = new StructuredDecoder(options, 'plain');
  const isArray = source.bytes[skipSpace(source.bytes, 0)] === OPEN_BRACKET;
  return isArray ? decodeArray(source, decoder, options) : [decodeSingle(source, decoder)];
};

const decodeLines = (headers: Headers, body: Buffer, options: DecodeOptions): Decoded[] => {
  const decoder = new NdjsonDecoder(options, headers);
  return [...decoder.push(body), ...decoder.end()];
};

const decodeSingle = (source: JsonSource, decoder: StructuredDecoder): Decoded => {
  const value = parseJson(source.text, 'The body');
  const start = skipSpace(source.bytes, 0);
  const extent = scanValue(source.bytes, start);
  if (Array.isArray(value)) {
    throw new EventError('not-an-object', 422, 'The body is an array; send it as application/cloudevents-batch+json');
  }
  return decoder.decode({ json: source.slice(start, extent.end), value, extent, isPlain: source.isPlain }, undefined);
};

const decodeArray = (source: JsonSource, decoder: StructuredDecoder, options: DecodeOptions): Decoded[] => {
  const start = skipSpace(source.bytes, 0);
  if (source.bytes[start] !== OPEN_BRACKET) {
    const value = parseJson(source.text, 'The body');
    throw new EventError('not-an-array', 422, `The body is ${show(value)}; a batch is a JSON array of events`);
  }
  const elements = scanElements(source.bytes, start);
  if (elements === undefined) throw brokenArray(source.text);
  const { maxEvents } = options;
  if (maxEvents !== undefined && elements.length > maxEvents) {
    const message = `The request has ${elements.length} events; at most ${maxEvents} are taken, or a stream of NDJSON`;
    throw new EventError('too-many-events', 413, message);
  }
  // All are parsed before any is decoded: a body that is no JSON is refused as a whole.
  return elements.map((element, i) => parseElement(source, element, i)).map((raw, i) => decoder.decode(raw, i));
};

const parseElement = (source: JsonSource, extent: Element, index: number): RawEvent => {
  const json = source.slice(extent.start, extent.end);
  return { json, value: parseJson(json, `The body, in element ${index},`), extent, isPlain: source.isPlain };
};

/** JSON.parse says best what is wrong; where it knows nothing, brackets are. */
const brokenArray = (text: string): EventError => {
  try {
    parseJson(text, 'The body');
  } catch (error) {
    if (error instanceof EventError) return error;
    throw error;
  }
  return notJson('The body', 'its brackets do not match');
};
