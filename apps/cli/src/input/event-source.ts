import { createReadStream } from 'node:fs';
import { parseJson } from '@millrace/json';
import { Failure, UsageError } from '../errors.js';

/** What is to be published: one event a line, or a JSON document as a whole. */
export type Source =
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<NumberedLine> }
  | { readonly kind: 'document'; readonly text: string };

/** A line that holds something, and its number in the file, from 1 on. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** The bytes of a file as they are read. */
export const bytesOfFile = async function* (file: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
};

/** Text of UTF-8. Rejects with a `Failure` where it is none: what cannot be read is not replaced by what looks like it. */
const decoded = async function* (bytes: AsyncIterable<Uint8Array>, name: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    const isText = (error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    throw isText ? error : new Failure(`${name} is not UTF-8`);
  }
};

const linesOf = async function* (texts: AsyncIterable<string>): AsyncIterable<NumberedLine> {
  let rest = '';
  let number = 0;
  for await (const text of texts) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const one of lines) {
      number += 1;
      if (one.trim() !== '') yield { number, text: one.trimEnd() };
    }
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest.trimEnd() };
};

/** A line that is an object by itself is one of NDJSON; a list, or a part of something, belongs to a document. */
const isWholeObject = (text: string): boolean => {
  try {
    const value: unknown = parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** Finds out by the first line which of the two it is, and reads no more than it has to. */
export const sourceOf = async (
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  format?: 'ndjson' | 'json',
): Promise<Source> => {
  const lines = linesOf(decoded(bytes, name))[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Failure(`${name} holds no events`);
  const all = (async function* () {
    yield first.value as NumberedLine;
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) yield next.value;
  })();
  if (format === 'ndjson' || (format === undefined && isWholeObject(first.value.text)))
    return { kind: 'lines', lines: all };
  const texts: string[] = [];
  for await (const { text } of all) texts.push(text);
  return { kind: 'document', text: texts.join('\n') };
};
