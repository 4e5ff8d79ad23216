import { explain, matches, PatternError, parsePattern } from '../src/index.js';

const verdict = (rule: string, event: string): boolean => matches(parsePattern(rule), event);

describe('patterns', () => {
  it.each([
    // Numbers by value, and by text where a double does not do.
    ['{"a":[300]}', '{"a":3.0e2}', true],
    ['{"a":[0]}', '{"a":-0.0}', true],
    ['{"a":[12345678901234567890]}', '{"a":12345678901234567890}', true],
    ['{"a":[12345678901234567890]}', '{"a":12345678901234567891}', false],
    ['{"a":[0.1]}', '{"a":0.1000000000000000055}', false],
    ['{"a":[1e400]}', '{"a":1e400}', true],
    ['{"a":[1e400]}', '{"a":1e401}', false],
    ['{"a":[{"numeric":[">",0]}]}', '{"a":12345678901234567891}', false],
    ['{"a":[{"numeric":["=",0.25e1]}]}', '{"a":2.5}', true],
    // Prototypes.
    ['{"constructor":[{"exists":true}]}', '{}', false],
    ['{"__proto__":[{"exists":true}]}', '{}', false],
    ['{"__proto__":["x"]}', '{"__proto__":"x"}', true],
    ['{"a":{"length":[{"exists":true}]}}', '{"a":"text"}', false],
    ['{"a":{"0":["x"]}}', '{"a":["x"]}', false],
    // Addresses.
    ['{"a":["10.0.0.1"]}', '{"a":"010.0.0.001"}', true],
    ['{"a":["::1"]}', '{"a":"0:0:0:0:0:0:0:1"}', true],
    ['{"a":[{"cidr":"10.0.0.0/8"}]}', '{"a":"::ffff:10.0.0.1"}', false],
    ['{"a":[{"cidr":"10.0.0.0/8"}]}', '{"a":"10.0.0.256"}', false],
    ['{"a":[{"cidr":"2001:db8::/32"}]}', '{"a":"2001:db8::1::2"}', false],
    // Case.
    ['{"a":[{"equals-ignore-case":"ß"}]}', '{"a":"SS"}', true],
    ['{"a":[{"equals-ignore-case":"SS"}]}', '{"a":"ß"}', false],
    ['{"a":[{"suffix":{"equals-ignore-case":"aß"}}]}', '{"a":"xASS"}', true],
    // Wildcards.
    ['{"a":[{"wildcard":"a*b*c"}]}', '{"a":"abc"}', true],
    ['{"a":[{"wildcard":"ab*ba"}]}', '{"a":"aba"}', false],
    ['{"a":[{"wildcard":"*"}]}', '{"a":""}', true],
    ['{"a":[{"wildcard":"\\\\*\\\\\\\\"}]}', '{"a":"*\\\\"}', true],
    // The last of a path wins.
    ['{"a":["x"],"a":["y"]}', '{"a":"x"}', false],
    ['{"a.b":["x"],"a":{"b":["y"]}}', '{"a":{"b":"y"}}', true],
    ['{"a":["x"]}', '{"a":"x","a":"y"}', false],
    // Elements of one array.
    ['{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1,"c":3},{"b":3,"c":2}]}', false],
    ['{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1,"c":3},{"b":1,"c":2}]}', true],
    ['{"a":{"b":[1]},"c":{"d":[2]}}', '{"a":[{"b":1}],"c":[{"d":0},{"d":2}]}', true],
  ])('%s on %s is %s', (rule, event, expected) => {
    expect(verdict(rule, event)).toBe(expected);
  });

  it.each([
    ['{"a":[{"numeric":[">",1,"<",1]}]}', 'a[0].numeric'],
    ['{"a":[{"numeric":["<",1,">",0]}]}', 'a[0].numeric'],
    ['{"a":[{"numeric":["!=",1]}]}', 'a[0].numeric[0]'],
    ['{"a":[{"numeric":[">",12345678901234567891]}]}', 'a[0].numeric[1]'],
    ['{"a":{"b":["x",{"wildcard":"a**"}]}}', 'a.b[1].wildcard'],
    ['{"a":[{"regex":"x"}]}', 'a[0]'],
    ['{"a":[{"anything-but":[1,"x"]}]}', 'a[0].anything-but'],
    ['{"a":[{"anything-but":[]}]}', 'a[0].anything-but'],
    ['{"a":[{"anything-but":null}]}', 'a[0].anything-but'],
    ['{"a":[{"cidr":"10.0.0.0/32"}]}', 'a[0].cidr'],
    ['{"$or":[{"a":[1]}]}', '$or'],
    ['{"$or":[{"a":[1]},{"numeric":[1]}]}', '$or[1].numeric'],
    ['{"a":"x"}', 'a'],
    ['{}', ''],
    ['[]', ''],
    ['{"a":[1]} x', ''],
    ['{"a":[01]}', ''],
    ['{"a":["\\x"]}', ''],
  ])('refuses %s at "%s"', (rule, path) => {
    let error: unknown;
    try {
      parsePattern(rule);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(PatternError);
    expect((error as PatternError).path).toBe(path);
    expect((error as PatternError).expected).not.toBe('');
  });

  it('refuses more alternatives than it can hold, and depth', () => {
    const or = `"$or":[{"a":[1]},{"b":[1]}]`;
    expect(() => parsePattern(`{${Array.from({ length: 13 }, () => or).join(',')}}`)).toThrow('4096');
    expect(() => parsePattern(`${'{"a":'.repeat(10_000)}[1]${'}'.repeat(10_000)}`)).toThrow(PatternError);
  });

  it('takes long strings and deep events', () => {
    const long = 'x\\u0041'.repeat(20_000);
    expect(verdict(`{"a":["${long}"]}`, `{"a":"${long}"}`)).toBe(true);
    expect(verdict('{"a":[1]}', `{"a":${'['.repeat(10_000)}1${']'.repeat(10_000)}}`)).toBe(false);
  });

  it('takes little time for wildcards and arrays made to cost much', () => {
    const started = Date.now();
    verdict(`{"a":[{"wildcard":"${'*a'.repeat(500)}*b"}]}`, `{"a":"${'a'.repeat(20_000)}"}`);
    const many = (key: string) => JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ [key]: 1, i })));
    const event = `{"a":${many('x')},"b":${many('x')},"c":${many('x')},"z":[{"p":1,"q":2},{"p":2,"q":1}]}`;
    expect(verdict('{"a":{"x":[1]},"b":{"x":[1]},"c":{"x":[1]},"z":{"p":[1],"q":[1]}}', event)).toBe(false);
    expect(Date.now() - started).toBeLessThan(1000);
  });

  it('throws on what is no event', () => {
    expect(() => verdict('{"a":[1]}', 'nope')).toThrow(SyntaxError);
    expect(() => verdict('{"a":[1]}', '[]')).toThrow(TypeError);
  });
});

describe('explain', () => {
  it('tells what each leaf saw', () => {
    const pattern = parsePattern(
      '{"type":["order"],"data":{"amount":[{"numeric":[">",100]}],"gone":[{"exists":false}]}}',
    );
    expect(explain(pattern, '{"type":"order","data":{"amount":42}}')).toEqual({
      matched: false,
      alternatives: [
        {
          matched: false,
          inDifferentElements: false,
          leaves: [
            { path: 'data.amount', accepts: '[{"numeric":[">",100]}]', passed: false, seen: [42] },
            { path: 'data.gone', accepts: '[{"exists":false}]', passed: true, seen: [] },
            { path: 'type', accepts: '["order"]', passed: true, seen: ['order'] },
          ],
        },
      ],
    });
  });

  it('tells of matches in different elements', () => {
    const { alternatives } = explain(parsePattern('{"a":{"b":[1],"c":[2]}}'), '{"a":[{"b":1},{"c":2}]}');
    expect(alternatives[0]).toMatchObject({ matched: false, inDifferentElements: true });
  });
});
