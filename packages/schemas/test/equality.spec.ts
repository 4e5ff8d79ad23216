import { isDeepStrictEqual } from 'node:util';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { CompiledSchema } from '../src/compiled-schema.js';
import { isSameValue } from '../src/equality.js';

/** Names that objects have in common with every other: an event may have members of them. */
const NAMES = ['valueOf', 'toString', 'constructor', 'hasOwnProperty', '__proto__', 'length', '0', 'a', 'b'];
/** As JSON gives it: there is no -0, and `__proto__` is a member as all others. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, 1, 1.5, '', 'a', '1'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
/** The same value with its members the other way round. */
const turned = (one: unknown): unknown => {
  if (Array.isArray(one)) return one.map(turned);
  if (typeof one !== 'object' || one === null) return one;
  return Object.fromEntries(
    Object.entries(one)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
};

describe('values that a schema compares', () => {
  it('are equal where JSON Schema says so, whatever their members are called', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [one, other] = [asJson(a), asJson(b)];
        expect(isSameValue(one, other)).toBe(isDeepStrictEqual(one, other));
        expect(isSameValue(one, turned(one))).toBe(true);
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('decide of const and enum, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), value, fc.nat(2), (values, given, n) => {
        const [allowed, sent] = [asJson(values), asJson(given)];
        const verdict = (schema: object, data: unknown) => new CompiledSchema(schema).errorOf(data, 1000) === undefined;
        const expected = allowed.some((one) => isDeepStrictEqual(one, sent));
        expect(verdict({ enum: allowed }, sent)).toBe(expected);
        expect(verdict({ const: allowed[0] }, sent)).toBe(isDeepStrictEqual(allowed[0], sent));
        expect(verdict({ enum: allowed }, allowed[n % allowed.length])).toBe(true);
      }),
      { numRuns: fuzzRuns(100) },
    );
  });

  it('says what ajv says', () => {
    const messageOf = (schema: object) => new CompiledSchema(schema).errorOf({ valueOf: 1 }, 100)?.message;
    expect(messageOf({ const: { a: 1 } })).toBe('must be equal to constant');
    expect(messageOf({ enum: [{ a: 1 }, 2] })).toBe('must be equal to one of the allowed values');
  });
});
