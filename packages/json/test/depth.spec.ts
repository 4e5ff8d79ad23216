import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { isTooDeep } from '../src/index.js';
import { parseYaml } from '../src/yaml.js';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('depth before a parse', () => {
  it('is that of the value', () => {
    const texts = fc.constantFrom('[', '"]', '\\"', '{', 'a');
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.oneof(texts, fc.integer(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(texts, tie('value'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 6 }), (one, most) => {
        expect(isTooDeep(JSON.stringify(one), most)).toBe(depthOf(one) > most);
      }),
      { numRuns: fuzzRuns(300) },
    );
  });

  it.each(['[', '{"a":', '{"a":[', '[1,['])('is seen where the text has no end: %s', (open) => {
    expect(isTooDeep(open.repeat(600))).toBe(true);
    expect(isTooDeep(`"${'['.repeat(600)}`)).toBe(false);
  });
});

describe('YAML that is deep', () => {
  const nested: [string, (levels: number) => string][] = [
    ['lists in a line', (levels) => `${'['.repeat(levels)}${']'.repeat(levels)}`],
    ['lists that do not end', (levels) => '['.repeat(levels)],
    ['objects in a line', (levels) => `${'{a: '.repeat(levels)}1${'}'.repeat(levels)}`],
    ['items of items', (levels) => `${'- '.repeat(levels)}1`],
    ['keys of keys', (levels) => Array.from({ length: levels }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['keys that are keys', (levels) => `${'? '.repeat(levels)}1`],
  ];

  it.each(nested)('is refused before it takes the stack, where a process would end: %s', (_, text) => {
    expect(() => parseYaml(text(1000))).toThrow('nested deeper than 128 levels');
  });

  it.each(nested.filter(([name]) => !name.includes('not end')))('is taken to 100 levels: %s', (_, text) => {
    expect(parseYaml(text(100))).toBeDefined();
  });

  it('is no longer than 4 MiB, and its aliases make no more of it', () => {
    expect(() => parseYaml(`a: ${'x'.repeat(4 * 1024 * 1024)}`)).toThrow('characters');
    const [first, ...more] = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`);
    expect(() => parseYaml(['a0: &a0 [x]', first, ...more].join('\n'))).toThrow(/^[^\n]+$/);
  });
});
