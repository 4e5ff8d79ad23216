import { readFileSync } from 'node:fs';
import { explain, matches, PatternError, PatternIndex, parsePattern } from '../src/index.js';

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly valid: boolean;
  readonly cases?: readonly { readonly event: string; readonly match: boolean }[];
}

const CASES = JSON.parse(readFileSync(new URL('./cases.json', import.meta.url), 'utf8')) as Case[];

describe('verdicts', () => {
  it.each(CASES.filter(({ valid }) => valid).map((one) => [one.name, one] as const))(
    '%s',
    (_, { rule, cases = [] }) => {
      const pattern = parsePattern(rule);
      for (const { event, match } of cases) {
        expect({ event, match: matches(pattern, event) }).toEqual({ event, match });
        expect({ event, match: matches(pattern, JSON.parse(event) as object) }).toEqual({ event, match });
        expect(explain(pattern, event).matched).toBe(match);
      }
    },
  );

  it.each(CASES.filter(({ valid }) => !valid).map(({ name, rule }) => [name, rule]))('%s', (_, rule) => {
    expect(() => parsePattern(rule)).toThrow(PatternError);
  });

  it('are those of an index of all rules', () => {
    const rules = CASES.filter(({ valid }) => valid).map(({ rule }) => ({ pattern: parsePattern(rule), value: rule }));
    const index = new PatternIndex(rules);
    for (const { event } of CASES.flatMap(({ cases = [] }) => cases)) {
      const { type } = JSON.parse(event) as { type?: unknown };
      // What the index is told is the type of a CloudEvent, so always a string.
      if (typeof type !== 'string') continue;
      const expected = rules.filter(({ pattern }) => matches(pattern, event)).map(({ value }) => value);
      expect(index.match({ type, json: event })).toEqual(expected);
    }
  });
});
