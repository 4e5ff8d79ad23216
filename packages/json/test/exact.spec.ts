import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { ExactNumber, type JsonNode, mayBeInexact, numberOf, parseJson, parseNode, writeJson } from '../src/index.js';
import { parseYaml } from '../src/yaml.js';

/** Texts of numbers, of any length and near the ends of what a double holds. */
const digits = (most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: most }).map((all) => all.join(''));
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      digits(25).map((text) => text.replace(/^0+(?=\d)/, '')),
      fc.constantFrom('9007199254740991', '9007199254740992', '9007199254740993', '1234567890123456'),
    ),
    fc.option(digits(25), { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), fc.oneof(digits(2), digits(4))), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, power]) =>
      `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${power?.join('') ?? ''}`,
  );

/** JSON texts with such numbers anywhere. */
const { value: jsonText } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    numberText,
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.constantFrom('true', 'false', 'null', '"number-1:5"', '"12345678901234567890"'),
    fc.array(tie('value'), { maxLength: 4 }).map((all) => `[${all.join(',')}]`),
    fc
      .uniqueArray(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toJSON', '1', 'text')), {
        maxLength: 4,
      })
      .chain((names) =>
        fc.tuple(...names.map(() => tie('value'))).map((values) => ({ names, values: values as string[] })),
      )
      .map(({ names, values }) => `{${names.map((name, n) => `${JSON.stringify(name)}:${values[n]}`).join(',')}}`),
  ),
}));

/** A decimal as a whole number and a power of ten, in one way. */
const decimal = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = all.replace(/0+$/, '');
  return kept === '' ? '0' : `${sign}${kept}e${Number(power) - fraction.length + all.length - kept.length}`;
};

/** A value with each number as such a decimal. */
const decimals = (text: string): unknown =>
  JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g, (found, string) => string ?? `"#${decimal(found)}"`));

describe('JSON with exact numbers', () => {
  it('is read and written without another value', () => {
    fc.assert(
      fc.property(jsonText, fc.constantFrom(undefined, 2), (text, indent) => {
        expect(decimals(writeJson(parseJson(text), indent))).toEqual(decimals(text));
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('is what JSON.parse gives where a double does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = writeJson(parseJson(text));
        expect(JSON.parse(plain)).toEqual(JSON.parse(text));
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('is what the parser that keeps all says, number by number', () => {
    const read = (node: JsonNode): unknown => {
      if (node.kind === 'array') return node.elements.map(read);
      if (node.kind === 'number') return numberOf(node.text);
      return node.kind === 'object'
        ? Object.fromEntries(node.members.map(({ key, node: inner }) => [key, read(inner)]))
        : node.value;
    };
    fc.assert(
      fc.property(jsonText, (text) => {
        const [ours, theirs] = [parseJson(text), read(parseNode(text))];
        expect(writeJson(ours)).toBe(writeJson(theirs));
        expect(ours).toEqual(theirs);
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('is refused where JSON.parse refuses it, whatever became of it', () => {
    const damage = fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom('', '"', '\\', ',', '1', '-', '0', 'e', '[', '}'));
    const outcome = (parse: (text: string) => unknown, text: string): string => {
      try {
        parse(text);
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    };
    fc.assert(
      fc.property(jsonText, damage, (text, [at, length, put]) => {
        const from = at % (text.length + 1);
        const damaged = text.slice(0, from) + put + text.slice(from + length);
        expect([damaged, outcome(parseJson, damaged)]).toEqual([damaged, outcome(JSON.parse, damaged)]);
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  it('is read in time that grows as the text, whatever looks like such a number', () => {
    const texts = [
      JSON.stringify(Array.from({ length: 50_000 }, (_, n) => `c0.${12345678901234567n + BigInt(n)}`)),
      JSON.stringify([`${'1234567890'.repeat(100_000)}`, '\\'.repeat(500_000)]),
      `[${Array.from({ length: 50_000 }, () => '12345678901234567890').join()}]`,
      `[0.1${'0'.repeat(1_000_000)}1]`,
    ];
    for (const text of texts) expect(writeJson(parseJson(text))).toBe(text);
  });

  it('knows every number that a double does not hold', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const isExact = decimal(String(Number(text))) === decimal(text);
        expect(numberOf(text) instanceof ExactNumber).toBe(!isExact);
        if (!isExact) expect(mayBeInexact(`[${text}]`)).toBe(true);
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  // With a string in the place of the number it would be one.
  it.each(['{12345678901234567890:1}', '{"a":{1e999\n :1},"a":1e999}'])('refuses a number as a key: %s', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it.each(['x', '\\n'])('has texts as long as JSON.parse has: %s', (part) => {
    const json = `["${part.repeat(10_000_000)}",12345678901234567890]`;
    const [text] = parseJson(json) as [string];
    expect(text === (JSON.parse(`["${part.repeat(10_000_000)}"]`) as [string])[0]).toBe(true);
  });

  it.each(['["a', '["a\\"', '["a\\', '["\\\\\\"'])('refuses a text without an end: %s', (text) => {
    expect(() => parseNode(text)).toThrow(SyntaxError);
  });

  it('is not written, and not calculated with, by accident', () => {
    const value = parseJson('{"id":12345678901234567890}') as { id: ExactNumber };
    expect(() => JSON.stringify(value)).toThrow('12345678901234567890 is a number that a double does not hold');
    expect(() => Number(value.id)).toThrow('nothing can be calculated with it');
    expect(`${value.id}`).toBe('12345678901234567890');
    expect(writeJson(value)).toBe('{"id":12345678901234567890}');
    // What failed once does not leave anything behind.
    expect(() => JSON.stringify(value)).toThrow('cannot be made a string here');
  });
});

describe('YAML with exact numbers', () => {
  it('gives the value of every decimal', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        expect(writeJson(parseYaml(`a: ${text}`))).toBe(writeJson({ a: numberOf(text) }));
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  it.each([
    ['+12', '12'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['0x1F', '31'],
    ['-.25e1', '-2.5'],
    ['+12345678901234567890', '12345678901234567890'],
    ['"12345678901234567890"', '"12345678901234567890"'],
  ])('takes %s', (text, json) => expect(writeJson(parseYaml(text))).toBe(json));

  it.each([
    ['017', '15'],
    ['0b11', '3'],
    ['1_000', '1000'],
    ['1_000.5', '1000.5'],
    ['190:20:30', '685230'],
    ['190:20:30.15', '685230.15'],
    ['1_2345678901234567890', '12345678901234567890'],
  ])('takes %s where a file says that it is YAML 1.1', (text, json) => {
    expect(writeJson(parseYaml(`%YAML 1.1\n---\n${text}`))).toBe(json);
  });

  it.each(['.inf', '-.inf', '.nan', '0xFFFFFFFFFFFFFFFF', '[a', 'a: 1\na: 2'])('refuses %j in one line', (text) => {
    expect(() => parseYaml(text)).toThrow(/^[^\n]+$/);
  });
});
