import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { matchesFilter, parseLabelFilter } from '../src/reading/label-filter.js';

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
const value = fc.string({ minLength: 1, unit: fc.constantFrom('a', '(', ')', ',', '"', '\\', ' ', '=', '\n') });

describe('a filter of labels', () => {
  it('takes any value in quotes, alone and in a list', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), value, (values, other) => {
        const list = parseLabelFilter(`metric=(${values.map(quoted).join(',')})`);
        expect(list?.values).toEqual(values);
        const [one = ''] = values;
        const single = parseLabelFilter(`metric=${quoted(one)}`);
        expect(single && matchesFilter({ metric: one }, single)).toBe(true);
        expect(single && matchesFilter({ metric: other }, single)).toBe(other === one);
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  it.each([
    ['metric=(a,b)', ['a', 'b']],
    ['metric=temp (outside)', ['temp (outside)']],
    ['metric="(a)"', ['(a)']],
    ['metric=("a,b",c)', ['a,b', 'c']],
    ['metric=(a)', ['a']],
    ['metric=', []],
  ])('%s', (text, values) => expect(parseLabelFilter(text)?.values).toEqual(values));

  it.each(['metric="a', 'metric=("a)', 'metric', '=a'])('%s is none', (text) => {
    expect(parseLabelFilter(text)).toBeUndefined();
  });
});
