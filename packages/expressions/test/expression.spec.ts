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
