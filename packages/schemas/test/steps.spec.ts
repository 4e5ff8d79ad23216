import { isDeepStrictEqual } from 'node:util';
import { fuzzRuns } from '@millrace/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { CompiledSchema } from '../src/compiled-schema.js';
import { TooManySteps } from '../src/steps/steps.js';

const TOO_MANY = 'validation exceeds the step limit';
const check = (schema: object, data: unknown): string | undefined =>
  new CompiledSchema(schema).errorOf(data, JSON.stringify(data).length)?.message;

/** Two of itself in each: a tree of `levels` has 2^levels ways through it. */
const TWICE = (keyword: 'oneOf' | 'anyOf' | 'allOf') => {
  const again = { properties: { next: { $ref: '#/$defs/node' } } };
  const last = { properties: { next: { $ref: '#/$defs/node' } }, maxProperties: 1 };
  return { $defs: { node: { [keyword]: [again, last] } }, $ref: '#/$defs/node' };
};
const chain = (levels: number): unknown => (levels === 0 ? 5 : { next: chain(levels - 1) });

/** A wrong leaf, so that each alternative is looked at to its end. */
const AGAIN = (keyword: 'oneOf' | 'anyOf') => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
  return { $defs: { node: { [keyword]: [node, node, { const: 1 }] } }, $ref: '#/$defs/node' };
};

/** As JSON Schema has it: there is no -0. */
const isEqual = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));

const many = <T>(count: number, one: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => one(n));

describe('steps of validating', () => {
  it.each([
    ['a oneOf that refers to itself twice', TWICE('oneOf'), chain(20)],
    ['an allOf that does', TWICE('allOf'), chain(20)],
    ['an anyOf that does, of which none fits', AGAIN('anyOf'), chain(20)],
    [
      'a $dynamicRef',
      { $dynamicAnchor: 'n', oneOf: [1, 2].map(() => ({ properties: { next: { $dynamicRef: '#n' } } })) },
      chain(20),
    ],
    [
      'an if',
      {
        $defs: {
          n: {
            if: { properties: { next: { $ref: '#/$defs/n' } } },
            // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
            then: { properties: { next: { $ref: '#/$defs/n' } } },
          },
        },
        $ref: '#/$defs/n',
      },
      chain(20),
    ],
    [
      'a long list for each of many alternatives',
      { allOf: many(200, () => ({ items: { type: 'number' } })) },
      many(50_000, () => 1),
    ],
    [
      'many members for each of many patterns',
      { patternProperties: Object.fromEntries(many(200, (n) => [`^a${n}[xy]*$`, true])) },
      Object.fromEntries(many(20_000, (n) => [`k${n}`, 1])),
    ],
    [
      'many members that nobody evaluated',
      { unevaluatedProperties: true, anyOf: many(200, (n) => ({ patternProperties: { [`^k${n}$`]: true } })) },
      Object.fromEntries(many(20_000, (n) => [`k${n}`, 1])),
    ],
    ['a regular expression of many instructions', { pattern: '[ab]*a[ab]{900}[cd]' }, 'ab'.repeat(100_000)],
    ['a URL that is none', { format: 'url' }, `http://a${'http://1.'.repeat(40_000)}!`],
    [
      'unique items within unique items',
      { $defs: { n: { uniqueItems: true, items: { $ref: '#/$defs/n' } } }, $ref: '#/$defs/n' },
      many(200, () => 0).reduce<unknown>((inner) => [inner], 'x'.repeat(500_000)),
    ],
    [
      'a large constant for each item',
      { items: { not: { enum: many(50, (n) => many(3000, (m) => m + n)) } } },
      many(20_000, () => []),
    ],
  ])('are bounded: %s', (_, schema, data) => {
    expect(() => check(schema, data)).toThrow(TOO_MANY);
  });

  it.each([
    ['20,000 objects that are unique', { uniqueItems: true }, many(20_000, (n) => ({ n, name: 'x' }))],
    [
      'a megabyte of rows',
      {
        items: {
          type: 'object',
          required: ['a', 'b', 'c'],
          additionalProperties: false,
          properties: {
            a: { type: 'string', minLength: 1 },
            b: { type: 'number', minimum: 0 },
            c: { type: 'string', pattern: '^[a-z]+$' },
          },
        },
      },
      many(25_000, () => ({ a: 'x', b: 5, c: 'abcdef' })),
    ],
    ['a megabyte of text', { type: 'string', pattern: '^[a-z]+$', maxLength: 2_000_000 }, 'a'.repeat(1_000_000)],
    [
      'a list of one of three kinds',
      {
        items: {
          anyOf: [
            { type: 'string' },
            { type: 'number', minimum: 3 },
            { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
          ],
        },
      },
      many(40_000, (n) => (n % 3 === 0 ? 5 : { a: 'x' })),
    ],
    [
      'a tree',
      {
        $defs: {
          n: {
            type: 'object',
            properties: { value: { type: 'number' }, children: { type: 'array', items: { $ref: '#/$defs/n' } } },
          },
        },
        $ref: '#/$defs/n',
      },
      { children: many(300, () => ({ value: 1, children: many(20, (n) => ({ value: n })) })) },
    ],
  ])('are enough for %s', (_, schema, data) => {
    expect(check(schema, data)).toBeUndefined();
  });

  it('are fewer for a small event, so that many of them are no more than one of their size', () => {
    const schema = new CompiledSchema({ allOf: many(300, () => ({ items: { type: 'number' } })) });
    expect(
      schema.errorOf(
        many(10, () => 1),
        20,
      ),
    ).toBeUndefined();
    const data = many(300, () => 1);
    expect(() => schema.errorOf(data, 600)).toThrow(TOO_MANY);
    expect(schema.errorOf(data, 10_000)).toBeUndefined();
  });

  it('are no more than an event of its size has, whatever refers to itself, and how often', () => {
    const next = { properties: { next: { $ref: '#' } } };
    const twice = fc
      .uniqueArray(fc.constantFrom('oneOf', 'anyOf', 'allOf', 'not', 'if', 'dependentSchemas', 'properties'), {
        minLength: 1,
      })
      .map((keywords) => {
        const inner = {
          oneOf: [next, next],
          anyOf: [{ allOf: [next, false] }, next],
          allOf: [next, next],
          not: { not: next },
        };
        const all = { ...inner, if: next, dependentSchemas: { next }, properties: next.properties };
        return Object.fromEntries(keywords.map((keyword) => [keyword, all[keyword]]));
      });
    fc.assert(
      fc.property(twice, fc.integer({ min: 1, max: 16 }), (schema, levels) => {
        let reads = 0;
        const count = {
          get: (target: object, key: string) => {
            reads += 1;
            return Reflect.get(target, key);
          },
        };
        const counted = many(levels, () => 0).reduce<object>((inner) => new Proxy({ next: inner }, count), {});
        try {
          new CompiledSchema(schema).errorOf(counted, 10 * levels);
        } catch (error) {
          expect(error).toBeInstanceOf(TooManySteps);
        }
        expect(reads).toBeLessThan(20_000 + 200 * levels);
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('end for every schema and every event, whatever they are', () => {
    const leaf = fc.constantFrom<object>(
      { type: 'number' },
      { const: 1 },
      { minLength: 2 },
      { pattern: '^(a+)+$' },
      { $ref: '#' },
    );
    const { schema } = fc.letrec<{ schema: object }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        leaf,
        fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('schema') }),
        fc.record({ items: tie('schema'), uniqueItems: fc.boolean() }),
        fc.record({ properties: fc.record({ a: tie('schema'), b: tie('schema') }) }),
        fc.record({ additionalProperties: tie('schema') }),
        fc.record({ patternProperties: fc.record({ '^[ab]$': tie('schema') }), unevaluatedProperties: tie('schema') }),
        fc.record({ contains: tie('schema'), prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
        fc.record({ if: tie('schema'), else: tie('schema') }),
      ),
    }));
    const { data } = fc.letrec<{ data: unknown }>((tie) => ({
      data: fc.oneof(
        { depthSize: 'large' },
        fc.constantFrom<unknown>(0, 1, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!', null, true),
        fc.array(tie('data'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'next'), tie('data'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(schema, data, (written, given) => {
        const compiled = new CompiledSchema(written);
        try {
          compiled.errorOf(given, JSON.stringify(given).length);
        } catch (error) {
          expect(error instanceof TooManySteps || error instanceof RangeError).toBe(true);
        }
      }),
      { numRuns: fuzzRuns(150) },
    );
  });

  /** Undefined where the reference itself fails, of which it is none then. */
  const verdictOf = (theirs: (data: unknown) => unknown, data: unknown): boolean | undefined => {
    try {
      return theirs(data) === true;
    } catch {
      return undefined;
    }
  };

  it('change no verdict', () => {
    const reference = new Ajv2020({ strict: false, allowUnionTypes: true });
    const schemas = [
      { uniqueItems: true },
      { items: { type: 'number' }, uniqueItems: true },
      { anyOf: [{ type: 'number' }, { items: { type: ['string', 'number'] }, uniqueItems: true }] },
      { type: 'object', additionalProperties: { type: 'number' }, maxProperties: 2 },
      { oneOf: [{ required: ['a'] }, { required: ['b'] }], unevaluatedProperties: { const: 1 } },
      { contains: { const: 1 }, maxContains: 2, unevaluatedItems: { type: 'string' } },
      { if: { type: 'array' }, else: { enum: [1, 'a', { a: 1 }] } },
      { propertyNames: { maxLength: 1 }, dependentRequired: { a: ['b'] } },
    ].map((schema) => ({ ours: new CompiledSchema(schema), theirs: reference.compile(schema) }));
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(
        fc.oneof(value, fc.array(fc.constantFrom(0, -0, 1, '1', null, 'a', [1], { a: 1 }), { maxLength: 6 })),
        (data) => {
          for (const { ours, theirs } of schemas) {
            const verdict = ours.errorOf(data, 1000) === undefined;
            const expected = verdictOf(theirs, data);
            if (expected !== undefined) expect(verdict).toBe(expected);
          }
        },
      ),
      { numRuns: fuzzRuns(300) },
    );
  });
});

describe('unique items', () => {
  const isUnique = (items: unknown[]): boolean =>
    new CompiledSchema({ uniqueItems: true }).errorOf(items, 1_000_000) === undefined;

  it.each([
    [
      'members in another order',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      false,
    ],
    ['1 and 1.0', [1, JSON.parse('1.0')], false],
    ['0 and -0', [0, -0], false],
    ['1 and "1"', [1, '1'], true],
    ['true, "true" and 1', [true, 'true', 1], true],
    ['null and "null"', [null, 'null'], true],
    ['[1,2] and ["1,2"]', [[1, 2], ['1,2']], true],
    ['[] and {}', [[], {}], true],
    ['a member that is null and one that is missing', [{ a: null }, {}], true],
    ['a name with quotes', [{ 'a":1,"b': 2 }, { a: 1, b: 2 }], true],
    [
      'lists in another order',
      [
        [1, 2],
        [2, 1],
      ],
      true,
    ],
    ['__proto__', [JSON.parse('{"__proto__":1}'), {}], true],
  ])('are told by the value of JSON: %s', (_, items, expected) => {
    expect(isUnique(items)).toBe(expected);
  });

  it('are those of which no two are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 }), (items) => {
        const hasEqual = items.some((one, n) => items.some((other, m) => n < m && isEqual(one, other)));
        expect(isUnique(items)).toBe(!hasEqual);
      }),
      { numRuns: fuzzRuns(300) },
    );
  });
});
