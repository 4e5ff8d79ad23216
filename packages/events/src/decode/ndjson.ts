import { isUtf8 } from 'node:buffer';
import { EventError, partsWithoutStacks } from '../event-error.js';
import { isSpace, scanValue, skipSpace } from '../json/json-scan.js';
import { JsonSource, withoutMark } from '../json/json-source.js';
import { parseJson } from '../json/parse-json.js';
import { DEFAULT_MAX_EVENT_BYTES } from '../limits.js';
import type { Decoded, DecodeOptions, Headers, Undecoded } from './decode-options.js';
import { parseMediaType, requireUtf8 } from './media-type.js';
import { PART_BYTES, PART_EVENTS } from './parts.js';
import { rejected, StructuredDecoder } from './structured.js';

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Bytes in which lines are, and where: for each its first byte, and the one after its last. */
interface Run {
  readonly bytes: Buffer;
  readonly bounds: readonly number[];
  /** Of the first of them in the stream. */
  readonly index: number;
  /** Nothing ends the last of them. */
  readonly isOpen: boolean;
}

/**
 * Finds the lines of `application/x-ndjson` as it comes in, one event a line, and decodes those that are asked for; a line
 * with `specversion` is a CloudEvent, any other a plain event. Holds at most one line, and no more of it than
 * `maxEventBytes`. Every line that is not blank gives one result, in order; none throws. Not to be used after `end`.
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
  /** A byte order mark is one at the begin of the stream only. */
  private hasBegun = false;

  /** Throws a 415 where `headers` name a charset that is not UTF-8. */
  constructor(options: DecodeOptions, headers?: Headers) {
    this.maxBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
    this.decoder = new StructuredDecoder(options, 'by-specversion');
    const mediaType = parseMediaType(headers?.['content-type']);
    if (mediaType !== undefined) requireUtf8(mediaType);
  }

  /** The lines that this chunk completes; those that are not decoded are skipped. The chunk is kept until they are let go. */
  push(chunk: Buffer): Undecoded {
    this.decoder.forgetTime();
    const runs: Run[] = [];
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.hold(chunk, runs);
      return this.undecoded(runs);
    }
    let start = 0;
    if (this.isSkipping || this.held > 0) {
      const first = chunk.indexOf(NEWLINE);
      this.hold(chunk.subarray(0, first), runs);
      if (!this.isSkipping) this.scanLines(this.takeHeld(), runs);
      this.isSkipping = false;
      start = first + 1;
    }
    if (start <= last) this.scanLines(chunk.subarray(start, last), runs);
    this.hold(chunk.subarray(last + 1), runs);
    return this.undecoded(runs);
  }

  /** Bytes that are held, of the line that has begun. */
  get heldBytes(): number {
    return this.held;
  }

  /** Drops the line that has begun, and what still comes of it: it is one that is not decoded. */
  dropLine(): Undecoded {
    const runs: Run[] = [];
    if (this.held > 0) this.skipLine(runs);
    return this.undecoded(runs);
  }

  /** A last line without a newline, if there is one. */
  end(): Undecoded {
    const runs: Run[] = [];
    if (this.held > 0) this.scanLines(this.takeHeld(), runs, true);
    return this.undecoded(runs);
  }

  private hold(piece: Buffer, runs: Run[]): void {
    if (piece.length === 0 || this.isSkipping) return;
    // A carriage return at the end is not the event's, so one byte more may be held.
    if (this.held + piece.length > this.maxBytes + 1) {
      this.skipLine(runs);
      return;
    }
    this.held += piece.length;
    this.pieces.push(Buffer.from(piece));
    // Many tiny chunks would cost more than the bytes they hold.
    if (this.pieces.length >= 256) this.pieces = [Buffer.concat(this.pieces)];
  }

  /** Nobody reads the bytes of a line that is longer than any may be. */
  private skipLine(runs: Run[]): void {
    this.isSkipping = true;
    this.hasBegun = true;
    this.takeHeld();
    this.add(runs, { bytes: EMPTY, bounds: [0, Number.POSITIVE_INFINITY], index: this.index, isOpen: false });
  }

  private takeHeld(): Buffer {
    const line = Buffer.concat(this.pieces);
    this.pieces = [];
    this.held = 0;
    return line;
  }

  /** Whole lines. Blank ones are white space before the next. */
  private scanLines(bytes: Buffer, runs: Run[], isOpen = false): void {
    const bounds: number[] = [];
    const first = this.hasBegun ? 0 : bytes.length - withoutMark(bytes).length;
    this.hasBegun = true;
    for (let from = skipSpace(bytes, first); from < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, from);
      let end = newline < 0 ? bytes.length : newline;
      const next = end;
      while (isSpace(bytes[end - 1])) end -= 1;
      bounds.push(from, end);
      from = skipSpace(bytes, next);
    }
    if (bounds.length > 0) this.add(runs, { bytes, bounds, index: this.index, isOpen });
  }

  private add(runs: Run[], run: Run): void {
    runs.push(run);
    this.index += run.bounds.length / 2;
  }

  private undecoded(runs: readonly Run[]): Undecoded {
    return {
      count: runs.reduce((sum, { bounds }) => sum + bounds.length / 2, 0),
      decode: (excess = Number.POSITIVE_INFINITY) => partsWithoutStacks(this.decode(runs, excess)),
    };
  }

  private *decode(runs: readonly Run[], excess: number): Iterable<readonly Decoded[]> {
    let left = excess;
    for (const run of runs) {
      let results: Decoded[] = [];
      let from = 0;
      // Read as one text if all are UTF-8: a call for each line costs more than the line.
      const source = isUtf8(run.bytes) ? new JsonSource(run.bytes, 'The line') : undefined;
      for (let i = 0; i < run.bounds.length; i += 2) {
        const decoded = this.decodeLine(run, source, i);
        left += decoded.ok ? 1 : -1;
        if (left < 0) return yield results;
        results.push(decoded);
        const end = run.bounds[i + 1] as number;
        if (end - from < PART_BYTES && results.length < PART_EVENTS) continue;
        yield results;
        results = [];
        from = end;
      }
      yield results;
    }
  }

  private decodeLine({ bytes, bounds, index, isOpen }: Run, source: JsonSource | undefined, i: number): Decoded {
    const from = bounds[i] as number;
    const end = bounds[i + 1] as number;
    try {
      const extent = scanValue(bytes, from, Math.min(end, bytes.length));
      const flaw = this.decoder.outOfBounds(end - from, extent.depth);
      if (flaw !== undefined) return rejected(flaw);
      const line = source ?? new JsonSource(bytes.subarray(from, end), 'The line');
      const json = source === undefined ? line.text : line.slice(from, end);
      const value = parseJson(json, 'The line');
      return this.decoder.decode({ json, value, extent, isPlain: line.isPlain }, index + i / 2);
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      // What is neither JSON nor ended was cut short.
      return rejected(isOpen ? truncated() : error);
    }
  }
}

const truncated = (): EventError =>
  new EventError('truncated', 400, 'The last line ends in the middle of an event; a line is one whole JSON object');
