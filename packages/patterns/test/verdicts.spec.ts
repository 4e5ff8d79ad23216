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
});
