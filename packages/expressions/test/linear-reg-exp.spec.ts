import { compileExpression } from '@millrace/expressions';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { RegexEngine } from '../src/linear-reg-exp.js';

/** What JSONata sees: matches one after the other, each where it is, with its groups. */
const matches = (engine: { lastIndex: number; exec(text: string): RegExpExecArray | null }, text: string) => {
  const found: unknown[] = [];
  for (let at = 0; at <= text.length; ) {
    engine.lastIndex = at;
    const match = engine.exec(text);
    if (match === null) break;
    found.push([match.index, [...match]]);
    at = Math.max(engine.lastIndex, at + 1);
  }
  return found;
};

const atom = fc.constantFrom(
  ...[
    'a',
    'b',
    '-',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '\\S',
    '\\D',
    '\\W',
    '\\.',
    '\\/',
    '[ab]',
    '[^a]',
    '[\\s-]',
    '[\\d_a-c]',
  ],
  ...['\\u0041', '\\x62', '\\t', '[[a]', '\\b', '(?:ab|a)', '(?:a|b|1)'],
);
const repeated = fc
  .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '{2}', '{1,3}'))
  .filter(([one, times]) => one !== '\\b' || times === '')
  .map((parts) => parts.join(''));
const sequence = fc.array(repeated, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
/** Groups that are not repeated: JavaScript forgets a group at each repetition, RE2 does not. */
const pattern = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(fc.boolean(), sequence), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([isStart, parts, isEnd]) => {
    const written = parts.map(([isGroup, part]) => (isGroup ? `(${part})` : part)).join('');
    return `${isStart ? '^' : ''}${written}${isEnd ? '$' : ''}`;
  });
const text = fc.string({
  unit: fc.constantFrom(...'aabbAB1-_. /\t\n\r\u00a0\u2028é'),
  maxLength: 20,
});

describe('a regular expression of an expression', () => {
  it('matches what JavaScript matches', () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom('g', 'gi'), text, (written, flags, given) => {
        const native = new RegExp(written, flags);
        expect(matches(new RegexEngine(native), given)).toEqual(matches(new RegExp(written, flags), given));
      }),
      { numRuns: fuzzRuns(1000) },
    );
  });

  it.each(['^(a+)+$', '^(a|aa)+$', '^(a|a?)+$', '(a*)*b', '^(\\w+\\s?)*$', '(x+x+)+y'])(
    '%s is matched in time that is linear in the text',
    async (written) => {
      // JavaScript's own would take longer than the universe has.
      const json = { s: `${'ax'.repeat(20)}${'a'.repeat(2000)}${'x'.repeat(2000)}!` };
      await expect(compileExpression(`$contains(s, /${written}/)`, 10_000).evaluate(json)).resolves.toBe(false);
    },
  );

  it.each([
    ['(?=a)a', 'a'],
    ['(a)\\1', 'aa'],
    ['(?<!b)a', 'a'],
    ['\\p{L}', 'p{L}'],
    ['[\\b]', '\b'],
    ['[]|a', 'a'],
    ['\\A', 'A'],
  ])('%s, which RE2 has not or means otherwise, is JavaScript’s', (written, given) => {
    const native = new RegExp(written, 'g');
    expect(new RegexEngine(native).exec(given)?.[0]).toBe(given);
  });
});
