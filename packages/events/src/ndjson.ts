import { isUtf8 } from 'node:buffer';
import type { Decoded, DecodeOptions, Headers } from './decode-options.js';
import { EventError } from './event-error.js';
import { isSpace, scanValue, skipSpace } from './json-scan.js';
import { JsonSource, withoutMark } from './json-source.js';
import { DEFAULT_MAX_EVENT_BYTES } from './limits.js';
import { parseMediaType, requireUtf8 } from './media-type.js';
import { parseJson } from './parse-json.js';
import { rejected, StructuredDecoder, tooLarge } from './structured.js';

const NEWLINE = 0x0a;

/**
 * Decodes `application/x-ndjson` as it comes in, one event a line; a line with `specversion` is a CloudEvent, any other
 * a plain event. Holds at most one line, and no more of it than `maxEventBytes`. Every line that is not blank gives one
 * result, in order; none throws. Not to be used after `end`.
 */
export class NdjsonDecoder {
  private readonly maxBytes: number;
  private readonly decoder: StructuredDecoder;
  /** The line that has begun, in pieces. */
  private pieces: Buffer[] = [];
  private held = 0;
  /** Within a line that was rejected for its size: everything up to the next newline is dropped. */
  private isSkipping = false;
  private index = 0;

  /** Throws a 415 where `headers` name a charset that is not UTF-8. */
  constructor(options: DecodeOptions, headers?: Headers) {
    this.maxBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
    this.decoder = new StructuredDecoder(options, 'by-specversion');
    const mediaType = parseMediaType(headers?.['content-type']);
    if (mediaType !== undefined) requireUtf8(mediaType);
  }

  /** Results of the lines that this chunk completes. The chunk is not kept. */
  push(chunk: Buffer): Decoded[] {
    this.decoder.forgetTime();
    const results: Decoded[] = [];
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.hold(chunk, results);
      return results;
    }
    let start = 0;
    if (this.isSkipping || this.held > 0) {
      const first = chunk.indexOf(NEWLINE);
      this.hold(chunk.subarray(0, first), results);
      this.finishLine(results);
      start = first + 1;
    }
    if (start <= last) this.decodeLines(chunk.subarray(start, last), results);
    this.hold(chunk.subarray(last + 1), results);
    return results;
  }

  /** The result of a last line without a newline, if there is one. */
  end(): Decoded[] {
    const results: Decoded[] = [];
    if (this.isSkipping || this.held === 0) return results;
    const line = Buffer.concat(this.pieces);
    this.pieces = [];
    this.held = 0;
    if (isComplete(line)) this.decodeLines(line, results);
    else results.push(this.reject(truncated()));
    return results;
  }

  private hold(piece: Buffer, results: Decoded[]): void {
    if (piece.length === 0 || this.isSkipping) return;
    // A carriage return at the end is not the event's, so one byte more may be held.
    if (this.held + piece.length > this.maxBytes + 1) {
      this.isSkipping = true;
      this.pieces = [];
      this.held = 0;
      results.push(this.reject(tooLarge(this.maxBytes)));
      return;
    }
    this.held += piece.length;
    this.pieces.push(Buffer.from(piece));
    // Many tiny chunks would cost more than the bytes they hold.
    if (this.pieces.length >= 256) this.pieces = [Buffer.concat(this.pieces)];
  }

  private finishLine(results: Decoded[]): void {
    if (!this.isSkipping && this.held > 0) this.decodeLines(Buffer.concat(this.pieces), results);
    this.isSkipping = false;
    this.pieces = [];
    this.held = 0;
  }

  /** Whole lines. Read as one text if all are UTF-8: a call for each line costs more than the line. */
  private decodeLines(bytes: Buffer, results: Decoded[]): void {
    // Thousands of bad lines are thousands of errors: their stacks, which nobody reads, are most of what they cost.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      this.eachLine(bytes, results);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  private eachLine(bytes: Buffer, results: Decoded[]): void {
    const source = isUtf8(bytes) ? new JsonSource(bytes, 'The line') : undefined;
    let start = this.index === 0 ? bytes.length - withoutMark(bytes).length : 0;
    while (start < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline;
      const from = Math.min(skipSpace(bytes, start), end);
      if (from < end) results.push(this.decodeLine(bytes, source, from, end));
      start = end + 1;
    }
  }

  private decodeLine(bytes: Buffer, source: JsonSource | undefined, from: number, to: number): Decoded {
    try {
      let end = to;
      while (isSpace(bytes[end - 1])) end -= 1;
      // Before it is parsed, so that a huge line costs little.
      if (end - from > this.maxBytes) throw tooLarge(this.maxBytes);
      if (source === undefined) {
        const line = new JsonSource(bytes.subarray(from, end), 'The line');
        return this.decodeJson(line, line.text, 0);
      }
      return this.decodeJson(source, source.slice(from, end), from);
    } catch (error) {
      if (error instanceof EventError) return rejected(error);
      throw error;
    } finally {
      this.index += 1;
    }
  }

  private decodeJson(source: JsonSource, json: string, from: number): Decoded {
    const value = parseJson(json, 'The line');
    const extent = scanValue(source.bytes, from);
    return this.decoder.decode({ json, value, extent, isPlain: source.isPlain }, this.index);
  }

  private reject(error: EventError): Decoded {
    this.index += 1;
    return rejected(error);
  }
}

const truncated = (): EventError =>
  new EventError('truncated', 400, 'The last line ends in the middle of an event; a line is one whole JSON object');

/** Whether bytes are JSON or blank. What is neither, at the end of a stream, was cut short. */
const isComplete = (line: Buffer): boolean => {
  if (!isUtf8(line)) return false;
  const text = line.toString('utf8').trim();
  if (text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
