import { Buffer } from 'node:buffer';
import { EventError } from '../src/index.js';
import { BATCH, CE, decode, errorOf, eventOf, failure, STRUCTURED } from './options.js';

describe('structured mode', () => {
  it('passes the text on as it came', () => {
    const json = `{ ${CE}, "data": { "n": 1.0, "long": 12345678901234567890, "\\u0061": "\\u00e9", "x": 1, "x": 2 } }`;
    expect(eventOf(decode(STRUCTURED, ` \n${json}\n`)[0])).toEqual({
      id: '1',
      source: '/s',
      type: 't',
      partitionKey: '/s\n1',
      json,
    });
  });

  it('puts an event of several lines on one', () => {
    const { json } = eventOf(decode(STRUCTURED, `{\r\n${CE},\n"data":"a\\nb"}`)[0]);
    expect(json).toBe(`{ ${CE}, "data":"a\\nb"}`);
  });

  it.each([
    [`{${CE},"partitionkey":"p","subject":"s"}`, 'p'],
    [`{${CE},"subject":"s"}`, 's'],
    [`{${CE},"subject":null,"partitionkey":null}`, '/s\n1'],
  ])('chooses the partition key of %s', (json, key) => {
    expect(eventOf(decode(STRUCTURED, json)[0]).partitionKey).toBe(key);
  });

  it.each([
    'APPLICATION/CloudEvents+JSON',
    'application/cloudevents+json; charset=UTF-8',
    'application/cloudevents+json;charset="utf-8"',
  ])('takes %s', (type) => {
    expect(decode(type, `{${CE}}`)[0]?.ok).toBe(true);
  });

  it('takes every kind of attribute value', () => {
    const body = `{${CE},"a":"x","b":true,"c":-2147483648,"d":null,"time":"2024-02-29T23:59:60.123+14:00","data":null}`;
    expect(decode(STRUCTURED, body)[0]?.ok).toBe(true);
  });

  const deep = (levels: number) => `{${CE},"data":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

  it('takes 128 levels', () => {
    expect(decode(STRUCTURED, deep(128))[0]?.ok).toBe(true);
  });

  it.each([
    ['', '400 not-json'],
    ['{', '400 not-json'],
    [`{${CE}`, '400 not-json'],
    [`{${CE},}`, '400 not-json'],
    [`{${CE}} x`, '400 not-json'],
    [`{${CE},"data":"a\nb"}`, '400 not-json'],
    [Buffer.from([0x7b, 0xff, 0x7d]), '400 invalid-utf8'],
    [deep(129), '400 too-deep'],
    [deep(10_000), '400 too-deep'],
    ['['.repeat(10_000), '422 not-an-object'],
    [`{${CE},"data":${'['.repeat(10_000)}`, '400 too-deep'],
    ['null', '422 not-an-object'],
    ['"x"', '422 not-an-object'],
    ['[]', '422 not-an-object'],
    ['{}', '422 missing-attribute'],
    ['{"specversion":"1.0","source":"/s","type":"t"}', '422 missing-attribute'],
    ['{"specversion":"1.0","id":null,"source":"/s","type":"t"}', '422 missing-attribute'],
    ['{"specversion":"1.0","id":"1","type":"t"}', '422 missing-attribute'],
    ['{"specversion":"1.0","id":"1","source":"/s"}', '422 missing-attribute'],
    ['{"id":"1","source":"/s","type":"t"}', '422 missing-attribute'],
    ['{"specversion":"1.0","id":"","source":"/s","type":"t"}', '422 empty-attribute'],
    ['{"specversion":"1.0","id":7,"source":"/s","type":"t"}', '422 bad-attribute'],
    ['{"specversion":"0.3","id":"1","source":"/s","type":"t"}', '422 unsupported-specversion'],
    ['{"specversion":1.0,"id":"1","source":"/s","type":"t"}', '422 unsupported-specversion'],
    [`{"specversion":"1.0","id":"${'x'.repeat(1025)}","source":"/s","type":"t"}`, '422 attribute-too-long'],
    [`{${CE},"subject":""}`, '422 empty-attribute'],
    [`{${CE},"subject":1}`, '422 bad-attribute'],
    [`{${CE},"partitionkey":""}`, '422 empty-attribute'],
    [`{${CE},"datacontenttype":"json"}`, '422 bad-attribute'],
    [`{${CE},"data":1,"data_base64":"AA=="}`, '422 two-payloads'],
    [`{${CE},"data_base64":"AA"}`, '422 bad-base64'],
    [`{${CE},"data_base64":{}}`, '422 bad-base64'],
    [`{${CE},"Camel":"x"}`, '422 bad-attribute-name'],
    [`{${CE},"a_b":"x"}`, '422 bad-attribute-name'],
    [`{${CE},"":null}`, '422 bad-attribute-name'],
    [`{${CE},"__proto__":{"type":"x"}}`, '422 bad-attribute-name'],
    [`{${CE},"constructor":{}}`, '422 bad-attribute'],
    [`{${CE},"ext":1.5}`, '422 bad-attribute'],
    [`{${CE},"ext":2147483648}`, '422 bad-attribute'],
    [`{${CE},"ext":[]}`, '422 bad-attribute'],
    [`{${CE},"ext":"a\\u0000"}`, '422 forbidden-character'],
    [`{${CE},"ext":"a\\ud800"}`, '422 forbidden-character'],
    [`{${CE},"ext":"\ue000 \\u0085"}`, '422 forbidden-character'],
    [`{${CE},"ext":"\uffff"}`, '422 forbidden-character'],
    [`{${CE},"subject":"a\\nb"}`, '422 forbidden-character'],
    [`{${CE},"subject":"\u007f"}`, '422 forbidden-character'],
    [`{${CE},"type":"u"}`, '422 duplicate-key'],
    [`{${CE},"\\u0074ype":"u"}`, '422 duplicate-key'],
    [`{${CE},"__proto__":1,"__proto__":2}`, '422 duplicate-key'],
    [`{${CE},"data":1,"data":2}`, '422 duplicate-key'],
    ...[
      '2026-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-00-01T00:00:00Z',
      '2026-01-00T00:00:00Z',
      '2026-01-01 00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:61Z',
      '2026-01-01T00:00:00',
      '2026-01-01T00:00:00+24:00',
      '2026-01-01T00:00:00.Z',
      '2026-01-01',
      '',
    ].map((time) => [`{${CE},"time":"${time}"}`, '422 bad-time']),
    [`{${CE},"time":1769860800}`, '422 bad-time'],
  ] as [string | Buffer, string][])('refuses %j with %s', (body, expected) => {
    expect(failure(() => decode(STRUCTURED, body))).toBe(expected);
  });

  it('keeps paired surrogates and letters of all kinds', () => {
    const json = `{${CE},"subject":"né 大雨 😀 \\ud83d\\ude00 \ue000"}`;
    expect(eventOf(decode(STRUCTURED, json)[0]).json).toBe(json);
  });

  it('passes __proto__ through inside data', () => {
    const json = `{${CE},"data":{"__proto__":{"x":1},"a":1,"a":2}}`;
    expect(eventOf(decode(STRUCTURED, json)[0]).json).toBe(json);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('names the member that is there twice, and the id of what it rejects', () => {
    const [decoded] = decode(STRUCTURED, `{${CE},"\\u0074ype":"u"}`);
    expect(decoded).toMatchObject({ ok: false, id: '1', error: { message: expect.stringContaining('"type"') } });
  });

  it('cuts what it shows', () => {
    const { message } = errorOf(decode(STRUCTURED, `{${CE},"time":"${'x'.repeat(5000)}"}`)[0]);
    expect(message.length).toBeLessThan(250);
  });

  it('refuses an event over its size', () => {
    const body = `{${CE},"data":"${'é'.repeat(50)}"}`;
    const size = Buffer.byteLength(body);
    expect(decode(STRUCTURED, body, { maxEventBytes: size })[0]?.ok).toBe(true);
    expect(failure(() => decode(STRUCTURED, body, { maxEventBytes: size - 1 }))).toBe('413 event-too-large');
  });
});

describe('batch mode', () => {
  it('keeps the raw slice of every element', () => {
    const elements = [
      `{${CE},"data":{"a":[1,{"b":"]},{"}],"c":"\\\\\\""}}`,
      `{ ${CE} , "data" : "né 大雨 😀" }`,
      `{${CE},"data":1.50e+3}`,
    ];
    const decoded = decode(BATCH, ` [ ${elements.join(' ,\n ')} ] `);
    expect(decoded.map((one) => eventOf(one).json)).toEqual(elements);
  });

  it('agrees with JSON.parse on generated arrays', () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const strings = ['', 'a', '"', '\\', '\\"', '{', ']', ',', 'é', '😀', '\n', 'x'.repeat(40), '\\\\"[,'];
    const value = (depth: number): unknown => {
      const kind = random(depth > 4 ? 4 : 6);
      if (kind === 4) return Array.from({ length: random(4) }, () => value(depth + 1));
      if (kind === 5) {
        return Object.fromEntries(
          Array.from({ length: random(4) }, (_, i) => [`${strings[random(13)]}${i}`, value(depth + 1)]),
        );
      }
      return [strings[random(13)], random(1000) / 8, null, random(2) === 0][kind];
    };
    for (let round = 0; round < 200; round += 1) {
      const events = Array.from({ length: random(6) }, (_, i) => ({
        specversion: '1.0',
        id: `${i}`,
        source: '/s',
        type: 't',
        data: value(0),
      }));
      const body = JSON.stringify(events, null, round % 3);
      const decoded = decode(BATCH, body);
      expect(decoded.map((one) => JSON.parse(eventOf(one).json) as unknown)).toEqual(events);
    }
  });

  it('rejects one bad element alone', () => {
    const bad = [
      `{${CE}}`,
      '7',
      '{"id":"x"}',
      `{${CE},"Up":1}`,
      `{${CE},"data":${'['.repeat(300)}${']'.repeat(300)}}`,
      `{${CE}}`,
    ];
    const decoded = decode(BATCH, `[${bad.join(',')}]`);
    expect(decoded.map((one) => (one.ok ? 'ok' : one.error.code))).toEqual([
      'ok',
      'not-an-object',
      'missing-attribute',
      'bad-attribute-name',
      'too-deep',
      'ok',
    ]);
    expect(decoded[2]).toMatchObject({ id: 'x' });
  });

  it('takes an empty batch', () => {
    expect(decode(BATCH, ' [ ] ')).toEqual([]);
  });

  it.each([
    ['[{},]', '400 not-json'],
    ['[,{}]', '400 not-json'],
    ['[{} {}]', '400 not-json'],
    ['[{}', '400 not-json'],
    ['[{}]]', '400 not-json'],
    ['[{}}', '400 not-json'],
    ['[{"a":[1}]]', '400 not-json'],
    ['["a]', '400 not-json'],
    ['[1:2]', '400 not-json'],
    ['[', '400 not-json'],
    ['[]x', '400 not-json'],
    ['{}', '422 not-an-array'],
    ['x', '400 not-json'],
    ['[1,2,3]', '413 too-many-events'],
  ])('refuses all of %s with %s', (body, expected) => {
    const thrown = () => decode(BATCH, body, { maxEvents: 2 });
    expect(thrown).toThrow(EventError);
    expect(failure(thrown)).toBe(expected);
  });
});
