import { cut, EventError, partsWithoutStacks, show, withoutStacks } from '../event-error.js';
import { type Element, scanElements, scanValue, skipSpace } from '../json/json-scan.js';
import { JsonSource, withoutMark } from '../json/json-source.js';
import { notJson, parseJson } from '../json/parse-json.js';
import { decodeBinary, isBinary } from './binary.js';
import type { Decoded, DecodeOptions, Headers, Undecoded } from './decode-options.js';
import { type MediaType, parseMediaType, requireUtf8 } from './media-type.js';
import { NdjsonDecoder } from './ndjson.js';
import { PART_BYTES, PART_EVENTS } from './parts.js';
import { type RawEvent, rejected, StructuredDecoder } from './structured.js';

const TAKEN =
  'supported are application/cloudevents+json, application/cloudevents-batch+json, application/json, ' +
  'application/x-ndjson, and any type with ce- headers';

/**
 * The events of a request, in its order. `headers` have names in lower case, as Node has them. Throws an `EventError`
 * where the request as a whole cannot be read: not JSON, not UTF-8, a media type that is not taken, more than
 * `maxEvents`. What is wrong with one event rejects that one.
 */
export const decodeRequest = (headers: Headers, body: Buffer, options: DecodeOptions): Decoded[] =>
  [...scanRequest(headers, body, options).decode()].flat();

/**
 * As `decodeRequest`, in two steps: it throws what the bytes alone tell of the whole, `decode` throws the rest. The scan is linear,
 * and parses nothing.
 */
export const scanRequest = (headers: Headers, body: Buffer, options: DecodeOptions): Undecoded =>
  withoutStacks(() => scan(headers, body, options));

// Most requests have one event: it pays for no parts.
const one = (decode: () => Decoded): Undecoded => ({ count: 1, decode: () => [[withoutStacks(decode)]] });

const scan = (headers: Headers, body: Buffer, options: DecodeOptions): Undecoded => {
  const mediaType = parseMediaType(headers['content-type']);
  switch (mediaType?.essence) {
    case 'application/cloudevents+json':
      return scanSingle(sourceOf(mediaType, body), new StructuredDecoder(options, 'cloudevent'));
    case 'application/cloudevents-batch+json':
      return scanArray(sourceOf(mediaType, body), new StructuredDecoder(options, 'cloudevent'), options);
  }
  if (mediaType?.essence.startsWith('application/cloudevents')) throw unsupported(mediaType);
  if (isBinary(headers)) return one(() => decodeBinary(headers, mediaType, body, options));
  switch (mediaType?.essence) {
    case 'application/json':
      return scanPlain(sourceOf(mediaType, body), options);
    case 'application/x-ndjson':
      return scanLines(headers, body, options);
  }
  throw unsupported(mediaType);
};

const unsupported = (mediaType: MediaType | undefined): EventError => {
  const what =
    mediaType === undefined ? 'Content-Type is missing' : `Content-Type ${cut(mediaType.essence)} is not supported`;
  return new EventError('unsupported-media-type', 415, `${what}; ${TAKEN}`);
};

const sourceOf = (mediaType: MediaType, body: Buffer): JsonSource => {
  requireUtf8(mediaType);
  return new JsonSource(withoutMark(body), 'The body');
};

const OPEN_BRACKET = 0x5b;

const scanPlain = (source: JsonSource, options: DecodeOptions): Undecoded => {
  const decoder = new StructuredDecoder(options, 'plain');
  const isArray = source.bytes[skipSpace(source.bytes, 0)] === OPEN_BRACKET;
  return isArray ? scanArray(source, decoder, options) : scanSingle(source, decoder);
};

const scanLines = (headers: Headers, body: Buffer, options: DecodeOptions): Undecoded => {
  const decoder = new NdjsonDecoder(options, headers);
  const parts = [decoder.push(body), decoder.end()];
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    *decode() {
      for (const part of parts) yield* part.decode();
    },
  };
};

const scanSingle = (source: JsonSource, decoder: StructuredDecoder): Undecoded => {
  const start = skipSpace(source.bytes, 0);
  if (source.bytes[start] === OPEN_BRACKET) {
    throw new EventError('not-an-object', 422, 'The body is an array; send it as application/cloudevents-batch+json');
  }
  const extent = scanValue(source.bytes, start, source.bytes.length);
  return one(() => {
    const flaw = decoder.outOfBounds(extent.end - start, extent.depth);
    if (flaw !== undefined) return rejected(flaw);
    // All of it: what follows the value is reported too.
    const value = parseJson(source.text, 'The body');
    return decoder.decode({ json: source.slice(start, extent.end), value, extent, isPlain: source.isPlain }, undefined);
  });
};

const scanArray = (source: JsonSource, decoder: StructuredDecoder, options: DecodeOptions): Undecoded => {
  const start = skipSpace(source.bytes, 0);
  if (source.bytes[start] !== OPEN_BRACKET) throw notAnArray(source, start);
  const { maxEvents = Number.POSITIVE_INFINITY } = options;
  const elements = scanElements(source.bytes, start, maxEvents);
  if ('tooMany' in elements) {
    const message = `The request has more than ${maxEvents} events, the limit; send more as a stream of NDJSON`;
    throw new EventError('too-many-events', 413, message);
  }
  if ('why' in elements) throw notJson('The body', elements.why);
  // One that is no JSON throws: the body is refused as a whole, and what was decoded before it is let go.
  return {
    count: elements.length,
    decode: () => partsWithoutStacks(decodeElements(source, elements, decoder)),
  };
};

function* decodeElements(
  source: JsonSource,
  elements: readonly Element[],
  decoder: StructuredDecoder,
): Iterable<readonly Decoded[]> {
  // Values of a part are held at once: to parse and to decode them in turns costs a tenth more.
  let together: (RawEvent | EventError)[] = [];
  let from = 0;
  for (const [index, element] of elements.entries()) {
    together.push(parseElement(source, element, index, decoder));
    const isFull = element.end - from >= PART_BYTES || together.length === PART_EVENTS;
    if (!isFull && index + 1 < elements.length) continue;
    const first = index + 1 - together.length;
    yield together.map((raw, n) => (raw instanceof EventError ? rejected(raw) : decoder.decode(raw, first + n)));
    together = [];
    from = element.end;
  }
}

/** An error where the element is not parsed. Throws where it is no JSON. */
const parseElement = (
  source: JsonSource,
  extent: Element,
  index: number,
  decoder: StructuredDecoder,
): RawEvent | EventError => {
  const flaw = decoder.outOfBounds(extent.end - extent.start, extent.depth);
  if (flaw !== undefined) return flaw;
  const json = source.slice(extent.start, extent.end);
  return { json, value: parseJson(json, `The body, in element ${index},`), extent, isPlain: source.isPlain };
};

const SHOWN = 100;

/** What it is instead is parsed only where it is short. */
const notAnArray = (source: JsonSource, start: number): EventError => {
  const isShort = source.bytes.length - start <= SHOWN;
  const what = isShort ? show(parseJson(source.text, 'The body')) : 'something else';
  return new EventError('not-an-array', 422, `The body is ${what}; a batch is a JSON array of events`);
};
