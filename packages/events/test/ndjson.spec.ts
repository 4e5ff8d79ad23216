import { Buffer } from 'node:buffer';
import { type Decoded, NdjsonDecoder } from '../src/index.js';
import { CE, decode, eventOf, options } from './options.js';

const summary = (decoded: readonly Decoded[]) =>
  decoded.map((one) => (one.ok ? one.event.id : `${one.error.status} ${one.error.code}`));

const inChunks = (body: Buffer, size: number, more = {}) => {
  const decoder = new NdjsonDecoder(options(more));
  const results: Decoded[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = Buffer.from(body.subarray(at, at + size));
    results.push(...[...decoder.push(chunk).decode()].flat());
    // A chunk is the caller's again after push.
    chunk.fill(0);
  }
  return [...results, ...[...decoder.end().decode()].flat()];
};

describe('NDJSON', () => {
  const lines = [
    `{${CE}}`,
    '',
    '{"type":"t","subject":"né 大雨 😀"}\r',
    '   ',
    'oops',
    `{${CE},"data":"\\\\\\"😀"}`,
    '{"type":"t","id":"own"}',
  ];
  const expected = ['1', 'k/1', '400 not-json', '1', 'own'];

  it.each([1, 2, 3, 5, 7, 16, 1000])('gives the same in chunks of %d bytes', (size) => {
    const body = Buffer.from(lines.join('\n'));
    expect(summary(inChunks(body, size, { idempotencyKey: 'k' }))).toEqual(expected);
    const ended = Buffer.from(`${lines.join('\r\n')}\r\n`);
    expect(summary(inChunks(ended, size, { idempotencyKey: 'k' }))).toEqual(expected);
  });

  it('passes lines on raw', () => {
    const line = `{ ${CE}, "data": {"é": 1.0} }`;
    expect(eventOf(inChunks(Buffer.from(`${line}\r\n`), 3)[0]).json).toBe(line);
  });

  it.each([1, 4, 1000])('rejects a line that is too long once and goes on, chunks of %d', (size) => {
    const long = `{"type":"t","data":"${'x'.repeat(300)}"}`;
    const body = Buffer.from(`{"type":"t","id":"a"}\n${long}\n{"type":"t","id":"b"}\n${long}`);
    expect(summary(inChunks(body, size, { maxEventBytes: 100 }))).toEqual([
      'a',
      '413 event-too-large',
      'b',
      '413 event-too-large',
    ]);
  });

  it('takes a line of just the size', () => {
    const line = '{"type":"t","id":"a"}';
    for (const size of [1, 1000]) {
      expect(summary(inChunks(Buffer.from(`${line}\r\n`), size, { maxEventBytes: line.length }))).toEqual(['a']);
      expect(summary(inChunks(Buffer.from(`${line}\r\n`), size, { maxEventBytes: line.length - 1 }))).toEqual([
        '413 event-too-large',
      ]);
    }
  });

  it('tells of a last line that is cut short', () => {
    expect(summary(inChunks(Buffer.from('{"type":"t","id":"a"}\n{"type":"t","d'), 5))).toEqual(['a', '400 truncated']);
    expect(summary(inChunks(Buffer.from('{"type":"é').subarray(0, 10), 5))).toEqual(['400 truncated']);
  });

  it('rejects only the line that is not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"type":"t","id":"a"}\n'),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from('{"type":"t","id":"b"}\n'),
    ]);
    for (const size of [1, 1000]) expect(summary(inChunks(body, size))).toEqual(['a', '400 invalid-utf8', 'b']);
  });

  it('keeps an unclosed string to its line', () => {
    expect(summary(inChunks(Buffer.from('{"type":"t\n{"type":"t","id":"b"}\n'), 1000))).toEqual(['400 not-json', 'b']);
  });

  it('skips a byte order mark, at the begin alone', () => {
    expect(summary(inChunks(Buffer.from('\ufeff{"type":"t","id":"a"}\n'), 1000))).toEqual(['a']);
    const later = Buffer.from('\n\ufeff{"type":"t","id":"a"}\n');
    for (const size of [1, 1000]) expect(summary(inChunks(later, size))).toEqual(['400 not-json']);
  });

  it('asks for the fields of a CloudEvent only where there is specversion', () => {
    expect(summary(inChunks(Buffer.from('{"specversion":"1.0","type":"t"}\n'), 9))).toEqual(['422 missing-attribute']);
  });

  it('is read whole by decodeRequest, and refuses another charset', () => {
    expect(summary(decode('application/x-ndjson', '{"type":"t","id":"a"}\n{"type":"t","id":"b"}'))).toEqual(['a', 'b']);
    expect(() => new NdjsonDecoder(options(), { 'content-type': 'application/x-ndjson; charset=utf-16' })).toThrow(
      'charset "utf-16" is not supported',
    );
  });
});
