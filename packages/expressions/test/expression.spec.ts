import { compileExpression, ExpressionError } from '@millrace/expressions';
import { parseJson, writeJson } from '@millrace/json';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';

const evaluate = async (expression: string, json: string): Promise<string> =>
  writeJson(await compileExpression(expression, 1000).evaluate(parseJson(json)));

const BIG = '12345678901234567890';

describe('an expression', () => {
  it.each([
    ['data.id', BIG],
    ['{ "id": data.id, "all": [data.id] }', `{"id":${BIG},"all":[${BIG}]}`],
    ['data.id = data.same', 'true'],
    ['data.id = data.other', 'false'],
    ['data.id ? "there" : "none"', '"there"'],
    ['$merge([data, { "n": 1 }]).id', BIG],
  ])('passes on every digit: %s', async (expression, result) => {
    expect(await evaluate(expression, `{"data":{"id":${BIG},"same":${BIG},"other":12345678901234567891}}`)).toBe(
      result,
    );
  });

  it.each([
    'data.id + 1',
    '-data.id',
    'data.id > 5',
    '$string(data.id)',
    'data.id & "x"',
    '$sum([data.id])',
    '$string(data)',
    '$round(data.id)',
    '$ ~> |data|{"n":1}|',
  ])('fails where it would calculate with what a double does not hold: %s', async (expression) => {
    await expect(evaluate(expression, `{"data":{"id":${BIG}}}`)).rejects.toThrow(ExpressionError);
  });

  it('has no number that a double does not hold', () => {
    expect(() => compileExpression(`data.items[id = ${BIG}].name`, 100)).toThrow(
      `${BIG} is a number that a double does not hold`,
    );
    expect(() => compileExpression('data.amount * 1e400', 100)).toThrow(ExpressionError);
    expect(() => compileExpression('data.amount * 1.10 + 9007199254740991', 100)).not.toThrow();
    expect(() => compileExpression(`data.id = "${BIG}"`, 100)).not.toThrow();
  });

  it('knows each of its numbers, however many there are and whatever stands before it', () => {
    expect(() => compileExpression(`[${'1.5,2e3,-7,1E-2,'.repeat(4000)}1]`, 100)).not.toThrow();
    for (const before of ['[1-', '[1.5e+3+', '[n1.e-', '[1,', '1..']) {
      expect(() => compileExpression(`${before}${BIG}]`.replace(/^1\.\.(.*)]$/, '[1..$1]'), 100)).toThrow(
        `${BIG} is a number that a double does not hold`,
      );
    }
  });

  it('is no longer than can be compiled in a moment', () => {
    expect(() => compileExpression(`"${'x'.repeat(65_536)}"`, 100)).toThrow(
      'the expression has 65538 characters; the limit is 65536',
    );
  });

  it.each([
    'function($x) { $x }',
    '{ "f": function($x) { $x } }',
    '{ "sum": $sum }',
    '{ "part": $sum(?, 1) }',
    '{ "r": /a+/ }',
  ])('refuses a result with a function, in words: %s', async (expression) => {
    await expect(evaluate(expression, '{}')).rejects.toThrow('the result has a function, which JSON does not have');
  });

  it('gives lists that it made', async () => {
    expect(await evaluate('$map(all, function($x) { $x * 2 })', '{"all":[1,2]}')).toBe('[2,4]');
    expect(await evaluate('{ "all": [1..3] }', '{}')).toBe('{"all":[1,2,3]}');
  });

  it('fails in its own words on an event that is deeper than calls may be', async () => {
    const deep = `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    await expect(evaluate('deep + 1', deep)).rejects.toThrow(ExpressionError);
    await expect(compileExpression('deep', 1000).evaluate(parseJson(deep))).resolves.toBeDefined();
  });

  it('looks at what a result has in many places once, so that its time stays within its limit', async () => {
    const doubled =
      '($double := function($x, $n) { $n = 0 ? $x : $double({ "a": $x, "b": $x }, $n - 1) }; $double(1, 60))';
    await expect(compileExpression(doubled, 1000).evaluate({})).resolves.toBeDefined();
  });

  it('gives what it is given, whatever that is', async () => {
    const all = compileExpression('data', 1000);
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue().filter((value) => !Array.isArray(value) && value !== null),
        async (value) => {
          expect(await all.evaluate({ data: value })).toEqual(value);
        },
      ),
      { numRuns: fuzzRuns(100) },
    );
  });
});
