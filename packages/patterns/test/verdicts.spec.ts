import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { explain, matches, PatternIndex, parsePattern } from '../src/index.js';
import { event, patternText } from './generated.js';
import { matchesPlainly } from './reference.js';

describe('a verdict', () => {
  it('is that of the plain reference, also of an index and of an explanation', () => {
    let matched = 0;
    fc.assert(
      fc.property(fc.array(patternText, { minLength: 1, maxLength: 4 }), event, (texts, one) => {
        const json = JSON.stringify({ ...one, type: 't' });
        const patterns = texts.map(parsePattern);
        const expected = texts.map((text) => matchesPlainly(text, JSON.parse(json) as object));
        matched += expected.filter(Boolean).length;
        expect(patterns.map((pattern) => matches(pattern, json))).toEqual(expected);
        expect(patterns.map((pattern) => explain(pattern, json).matched)).toEqual(expected);
        const index = new PatternIndex(patterns.map((pattern, i) => ({ pattern, value: i })));
        expect(index.match({ type: 't', json })).toEqual(expected.flatMap((yes, i) => (yes ? [i] : [])));
      }),
      { numRuns: fuzzRuns(500) },
    );
    expect(matched).toBeGreaterThan(10); // Or nothing was compared.
  });

  // Fields that are all in elements of one array have a way of their own.
  it('is that of the plain reference for one array, whatever its elements have and lack', () => {
    const VALUES = [1, 2, 'x', null];
    const NAMES = ['p', 'q', 'r'];
    const tests = fc.constantFrom<unknown>(...VALUES, { exists: false }, { exists: true }, { 'anything-but': ['x'] });
    const fields = fc.dictionary(fc.constantFrom(...NAMES), fc.array(tests, { minLength: 1, maxLength: 2 }), {
      minKeys: 2,
      noNullPrototype: true,
    });
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom<unknown>(...VALUES) },
      fc.constantFrom([1, 'x'], {}),
    );
    const element = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 3, noNullPrototype: true });
    // With a dot, and so beside the array.
    const beside = fc.dictionary(fc.constantFrom('a.p', 'a.q', 'a.r'), value, { maxKeys: 1, noNullPrototype: true });
    let matched = 0;
    fc.assert(
      fc.property(fields, fc.array(element, { maxLength: 5 }), beside, (wanted, elements, more) => {
        const [text, json] = [JSON.stringify({ a: wanted }), JSON.stringify({ a: elements, ...more })];
        const expected = matchesPlainly(text, JSON.parse(json) as object);
        matched += expected ? 1 : 0;
        expect(matches(parsePattern(text), json)).toBe(expected);
      }),
      { numRuns: fuzzRuns(1000) },
    );
    expect(matched).toBeGreaterThan(10);
  });
});
