import { matches, PatternIndex, parsePattern } from '../src/index.js';

const index = (...rules: string[]) =>
  new PatternIndex(rules.map((rule, i) => ({ pattern: parsePattern(rule), value: i })));

describe('PatternIndex', () => {
  it('parses nothing where type alone decides', () => {
    const types = index(
      '{"type":["a","b"]}',
      '{"type":[{"prefix":"a"}]}',
      '{"type":["c"],"data":{"x":[1]}}',
      '{"type":[{"exists":false}]}',
    );
    expect(types.match({ type: 'a', json: 'no JSON at all' })).toEqual([0, 1]);
    expect(types.match({ type: 'b', json: 'no JSON at all' })).toEqual([0]);
    expect(() => types.match({ type: 'c', json: 'no JSON at all' })).toThrow(SyntaxError);
  });

  it('keeps the order of the rules and names each once', () => {
    const rules = index('{"source":["/s"]}', '{"$or":[{"type":["t"]},{"source":["/s"]}]}', '{"type":["t"]}');
    expect(rules.match({ type: 't', json: '{"type":"t","source":"/s"}' })).toEqual([0, 1, 2]);
    expect(rules.match({ type: 'u', json: '{"type":"u","source":"/s"}' })).toEqual([0, 1]);
  });

  it('is empty without rules', () => {
    expect(index().match({ type: 't', json: '' })).toEqual([]);
  });

  it('agrees with matching one by one', () => {
    let seed = 11;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return (seed >> 8) % n;
    };
    const pick = <T>(of: readonly T[]): T => of[random(of.length)] as T;
    const values = ['1', '2', '"a"', '"ab"', 'null', 'true', '1e1', '12345678901234567890'];
    const operators = [
      '{"prefix":"a"}',
      '{"exists":false}',
      '{"exists":true}',
      '{"anything-but":"a"}',
      '{"numeric":[">",1]}',
      '{"wildcard":"*b"}',
    ];
    const leaf = () => `[${Array.from({ length: 1 + random(2) }, () => pick([...values, ...operators])).join()}]`;
    const fields = () => {
      const type =
        random(3) > 0 ? [`"type":[${pick(['"a"', '"ab"', '"c"', '{"prefix":"a"}', '{"anything-but":"c"}'])}]`] : [];
      const data =
        random(3) > 0 || type.length === 0 ? [`"data":{"x":${leaf()}${random(2) ? `,"y":${leaf()}` : ''}}`] : [];
      return [...type, ...data].join();
    };
    const rules = Array.from({ length: 200 }, () =>
      random(4) === 0 ? `{"$or":[{${fields()}},{${fields()}}]}` : `{${fields()}}`,
    ).map((rule) => ({ pattern: parsePattern(rule), value: rule }));
    const all = new PatternIndex(rules);
    const object = () => `{"x":${pick(values)}${random(2) ? `,"y":${pick(values)}` : ''}}`;
    for (let i = 0; i < 500; i += 1) {
      const type = pick(['a', 'ab', 'c', 'd']);
      const data = pick([object(), `[${object()},${object()}]`, pick(values), '{}']);
      const json = `{"type":"${type}","data":${data}}`;
      const expected = rules.filter(({ pattern }) => matches(pattern, json)).map(({ value }) => value);
      expect(all.match({ type, json })).toEqual(expected);
    }
  });
});
