import { Buffer, isUtf8 } from 'node:buffer';
import { jest } from '@jest/globals';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import type { Decoded } from '../src/index.js';
import { largeBody, smallBody } from './hostile-bodies.js';

/** Bytes that the scanners looked at. */
let steps = 0;
const actual = await import('../src/json/json-scan.js');
await jest.unstable_mockModule('../src/json/json-scan.js', () => ({
  ...actual,
  skipSpace: (bytes: Uint8Array, at: number) => {
    const end = actual.skipSpace(bytes, at);
    steps += end - at + 1;
    return end;
  },
  scanValue: (bytes: Uint8Array, at: number, to: number) => {
    const extent = actual.scanValue(bytes, at, to);
    steps += Math.min(extent.end, bytes.length) - at + 1;
    return extent;
  },
  scanElements: (bytes: Uint8Array, at: number, most: number) => {
    // It calls the others within its module, so its reads are counted themselves.
    const counted = new Proxy(bytes, {
      get: (target, name) => {
        if (name !== 'length') steps += 1;
        return Reflect.get(target, name, target) as unknown;
      },
    });
    return actual.scanElements(counted, at, most);
  },
}));
const { decodeRequest, EventError, NdjsonDecoder } = await import('../src/index.js');

const options = { defaultSource: '/g', now: () => new Date(0), newId: () => 'new', maxEvents: 1000 };
const TYPES = ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json'];
const LINES = 'application/x-ndjson';
const BINARY = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };

/** What a decoder makes of a body, or the code with which it refuses all. */
const outcome = (decode: () => Decoded[]): string | string[] => {
  try {
    return decode().map((one) => (one.ok ? 'ok' : one.error.code));
  } catch (error) {
    if (!(error instanceof EventError)) throw error;
    return error.code;
  }
};

const parse = JSON.parse;
/** What `work` costs: bytes that were scanned, and characters that were parsed. */
const costOf = (work: () => void): { steps: number; parsed: number } => {
  steps = 0;
  let parsed = 0;
  const spy = jest.spyOn(JSON, 'parse').mockImplementation((text: string) => {
    parsed += text.length;
    return parse(text) as unknown;
  });
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return { steps, parsed };
};

describe('what a body costs', () => {
  const body = fc.oneof(smallBody, largeBody);

  it.each([...TYPES, LINES])('is no more than its bytes: %s', (type) => {
    fc.assert(
      fc.property(body, (bytes) => {
        const cost = costOf(() => outcome(() => decodeRequest({ 'content-type': type }, bytes, options)));
        // Keys of an event in which one is twice are parsed again, to name it.
        expect(cost.parsed).toBeLessThanOrEqual(2 * bytes.length);
        expect(cost.steps).toBeLessThanOrEqual(6 * bytes.length + 20);
      }),
      { numRuns: fuzzRuns(300) },
    );
  });

  it.each(TYPES)('is a scan where the body is refused for its number, size or depth: %s', (type) => {
    const narrow = { ...options, maxEvents: 3, maxEventBytes: 100 };
    const bodies = [
      `[${'{},'.repeat(5000)}{}]`,
      `[${','.repeat(20_000)}]`,
      `[${'['.repeat(20_000)}`,
      `[${'['.repeat(10_000)}${']'.repeat(10_000)}]`,
      `[{"a":"${'x'.repeat(20_000)}"}]`,
      `{"a":"${'x'.repeat(20_000)}"}`,
      '{"a":'.repeat(5000),
    ];
    for (const text of bodies) {
      const bytes = Buffer.from(text);
      const cost = costOf(() => outcome(() => decodeRequest({ 'content-type': type }, bytes, narrow)));
      expect(cost.parsed).toBe(0);
      expect(cost.steps).toBeLessThanOrEqual(6 * bytes.length + 20);
    }
  });

  it('is nothing where an event in binary mode is too large or too deep', () => {
    const cases: [string, number][] = [
      ['['.repeat(20_000), 1_000_000],
      [`[${'1,'.repeat(100)}1]`, 100],
    ];
    for (const [body, maxEventBytes] of cases) {
      const headers = { ...BINARY, 'content-type': 'application/json' };
      const decode = () => decodeRequest(headers, Buffer.from(body), { ...options, maxEventBytes });
      expect(costOf(() => expect(outcome(decode)).toHaveLength(1)).parsed).toBe(0);
    }
  });

  it.each(['[', '"', '{"a', '[1,', '\\', '{"a":[', ' '])('ends with its line, also where it has no end: %s', (line) => {
    const bytes = Buffer.from(`${line}\n`.repeat(5000));
    const cost = costOf(() => outcome(() => decodeRequest({ 'content-type': LINES }, bytes, options)));
    expect(cost.steps).toBeLessThanOrEqual(6 * bytes.length + 20);
  });

  it('is a scan where lines are not decoded, and decoding ends where rejections outnumber events', () => {
    const bytes = Buffer.from(`{"type":"t"}\n${'x\n'.repeat(20_000)}`);
    let count = 0;
    const skipped = costOf(() => {
      count = new NdjsonDecoder(options).push(bytes).count;
    });
    expect([count, skipped.parsed]).toEqual([20_001, 0]);
    const decoded = [...new NdjsonDecoder(options).push(bytes).decode(10)].flat();
    expect(decoded.map(({ ok }) => ok)).toEqual([true, ...new Array<boolean>(11).fill(false)]);
  });

  it('has no stacks', () => {
    fc.assert(
      fc.property(smallBody, fc.constantFrom(...TYPES, LINES), fc.boolean(), (bytes, type, isBinary) => {
        const headers = { 'content-type': type, ...(isBinary ? BINARY : {}) };
        const errors: unknown[] = [];
        try {
          for (const one of decodeRequest(headers, bytes, options)) if (!one.ok) errors.push(one.error);
        } catch (error) {
          errors.push(error);
        }
        for (const error of errors) expect((error as Error).stack).not.toContain('\n    at ');
      }),
      { numRuns: fuzzRuns(200) },
    );
    expect(new Error('later').stack).toContain('\n    at ');
  });
});

describe('what becomes of a body', () => {
  const text = (bytes: Buffer) => bytes.toString('utf8').replace(/^\ufeff/, '');
  const one = (json: string, type: string) =>
    outcome(() => decodeRequest({ 'content-type': type }, Buffer.from(json), options));

  /** All of it is parsed, and each element for itself. */
  const naive = (bytes: Buffer, type: string): string | string[] => {
    if (!isUtf8(bytes)) return 'invalid-utf8';
    let value: unknown;
    try {
      value = parse(text(bytes));
    } catch {
      return 'not-json';
    }
    return (value as unknown[]).flatMap((element) => {
      if (Array.isArray(element)) return 'not-an-object';
      return one(JSON.stringify(element), type === TYPES[1] ? (TYPES[0] as string) : type);
    });
  };
  // Two members of one name are one when they are written again.
  const hasTwice = (outcomes: string | string[]) => outcomes.includes('duplicate-key');

  it.each(TYPES.slice(1))('is what a decoder that parses all of it says: %s', (type) => {
    fc.assert(
      fc.property(smallBody, (bytes) => {
        fc.pre(/^[ \t\r\n]*\[/.test(text(bytes)));
        const got = outcome(() => decodeRequest({ 'content-type': type }, bytes, options));
        if (!hasTwice(got)) expect(got).toEqual(naive(bytes, type));
      }),
      { numRuns: fuzzRuns(1000) },
    );
  });

  it('is the same by lines, in whatever chunks they come, and as many as the scan counted', () => {
    fc.assert(
      fc.property(fc.oneof(smallBody, largeBody), fc.integer({ min: 1, max: 5000 }), (bytes, most) => {
        const size = Math.max(most, bytes.length >> 7);
        const decoder = new NdjsonDecoder(options);
        const results: string[] = [];
        const take = (lines: ReturnType<typeof decoder.push>) => {
          const decoded = [...lines.decode()].flat();
          expect(decoded).toHaveLength(lines.count);
          results.push(...decoded.map((each) => (each.ok ? 'ok' : each.error.code)));
        };
        for (let at = 0; at < bytes.length; at += size) take(decoder.push(bytes.subarray(at, at + size)));
        take(decoder.end());
        expect(results).toEqual(outcome(() => decodeRequest({ 'content-type': LINES }, bytes, options)));
      }),
      { numRuns: fuzzRuns(300) },
    );
  });
});
