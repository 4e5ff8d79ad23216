import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { parseMediaType } from '../src/decode/media-type.js';

const quoted = fc
  .string({ unit: fc.constantFrom('a', ';', '=', ',', ' ', '\\"', '\\\\', 'charset=latin1') })
  .map((text) => `"${text}"`);
const parameter = fc.oneof(
  quoted.map((text) => `title=${text}`),
  fc.constantFrom('q=0.1', ' profile = x ', 'foo'),
);

describe('a media type', () => {
  it('has its charset and no other, whatever its other parameters quote', () => {
    fc.assert(
      fc.property(
        fc.array(parameter, { maxLength: 3 }),
        fc.constantFrom('charset=utf-8', 'Charset="UTF-8"', ' charset = utf-8 '),
        fc.array(parameter, { maxLength: 3 }),
        (before, charset, after) => {
          const header = ['Text/Plain', ...before, charset, ...after].join(';');
          expect(parseMediaType(header)).toEqual({ essence: 'text/plain', charset: 'utf-8' });
          expect(parseMediaType(['text/plain', ...before, ...after].join(';'))?.charset).toBeUndefined();
        },
      ),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('that names two charsets is of the one that is not taken', () => {
    expect(parseMediaType('text/plain; charset=utf-8; charset=latin1')?.charset).toBe('latin1');
  });
});
