import { Buffer } from 'node:buffer';
import fc from 'fast-check';

const CE = { specversion: '1.0', id: '1', source: '/s', type: 't' };

/** What bodies are made of, good and hostile, in pieces that are put together in any order. */
const piece = fc.oneof(
  fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '\\"', '\n', '\r\n', ' ', '7', '-1e999', 'null', '\ufeff'),
  fc.constantFrom('é', '😀', '\\ud800', '"a":', '{}', '[]', '""', '"id":"x"', '{"type":"t"}', JSON.stringify(CE)),
  fc.json({ maxDepth: 3 }),
  fc.integer({ min: 1, max: 400 }).map((digits) => '9'.repeat(digits)),
);

const event = fc
  .record({ data: fc.jsonValue({ maxDepth: 2 }), id: fc.string({ maxLength: 3 }), ext: fc.jsonValue({ maxDepth: 1 }) })
  .map((more) => JSON.stringify({ ...CE, ...more }));

const joined = (one: fc.Arbitrary<string>, between: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(fc.tuple(one, between), { maxLength: 12 }).map((all) => all.flat().slice(0, -1).join(''));

const batch = joined(
  fc.oneof(event, event, event, piece),
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(',', ' ,\n') }, { weight: 1, arbitrary: piece }),
).map((inside) => `[${inside}]`);

const lines = joined(fc.oneof(event, piece), fc.constantFrom('\n', '\r\n', '\n\n', '\n \n', '\n\n\n\n'));

/** Small bodies: arrays, lines, and anything. */
export const smallBody = fc
  .tuple(fc.oneof(batch, lines, joined(piece, fc.constant(''))), fc.option(fc.integer({ min: 0, max: 255 })))
  .map(([text, byte]) => {
    const bytes = Buffer.from(text);
    if (byte !== null && bytes.length > 0) bytes[byte % bytes.length] = byte;
    return bytes;
  });

/** Bodies that repeat one thing until they are large. */
export const largeBody = fc
  .tuple(
    fc.constantFrom('', '[', '{', '"', '[{}', '\n'),
    fc.array(piece, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', ']', '"', '\n'),
  )
  .map(([first, repeated, last]) => {
    const unit = repeated.join('');
    return Buffer.from(`${first}${unit.repeat(Math.ceil(20_000 / unit.length))}${last}`);
  });
