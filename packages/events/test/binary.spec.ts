import { Buffer } from 'node:buffer';
import { decodeRequest, parseEvent } from '../src/index.js';
import { eventOf, failure, options } from './options.js';

const HEADERS = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };

const decode = (headers: Record<string, string | string[]>, body: string | Buffer = '') =>
  decodeRequest({ ...HEADERS, ...headers }, Buffer.from(body as string), options());

const event = (headers: Record<string, string>, body?: string | Buffer) =>
  parseEvent(eventOf(decode(headers, body)[0]).json);

describe('binary mode', () => {
  it('splices JSON data raw', () => {
    const { json } = eventOf(decode({ 'content-type': 'application/vnd.x+json' }, '\n{"n": 1.0,\n "é":1}\n')[0]);
    expect(json).toBe(
      '{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/vnd.x+json","data":{"n": 1.0,  "é":1}}'.replace(
        '  "é"',
        '  "é"',
      ),
    );
  });

  it('reads text, bytes and nothing', () => {
    expect(event({ 'content-type': 'text/plain' }, 'a"é')).toMatchObject({
      data: 'a"é',
      datacontenttype: 'text/plain',
    });
    expect(event({ 'content-type': 'image/png' }, Buffer.from([0, 255]))).toMatchObject({ data_base64: 'AP8=' });
    expect(event({}, '')).toEqual({ specversion: '1.0', id: '1', source: '/s', type: 't' });
  });

  it.each([
    ['a%20b', 'a b'],
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%2541', '%41'],
    ['"quoted \\" %41"', 'quoted " A'],
    [Buffer.from('né').toString('latin1'), 'né'],
  ])('decodes header value %s', (value, expected) => {
    expect(event({ 'ce-subject': value }).subject).toBe(expected);
  });

  it.each([
    [{ 'ce-subject': '%FF' }, '400 bad-header'],
    [{ 'ce-subject': '\xe9' }, '400 bad-header'],
    [{ 'ce-subject': '100%' }, '400 bad-header'],
    [{ 'ce-subject': '"open' }, '400 bad-header'],
    [{ 'ce-subject': ['a', 'b'] }, '400 duplicate-header'],
    [{ 'ce-subject': '%00' }, '422 forbidden-character'],
    [{ 'ce-a_b': 'x' }, '422 bad-attribute-name'],
    [{ 'ce-__proto__': 'x' }, '422 bad-attribute-name'],
    [{ 'ce-datacontenttype': 'text/plain' }, '422 bad-attribute-name'],
    [{ 'ce-specversion': '2.0' }, '422 unsupported-specversion'],
    [{ 'ce-id': '' }, '422 empty-attribute'],
    [{ 'ce-time': 'now' }, '422 bad-time'],
  ] as [Record<string, string | string[]>, string][])('refuses %j with %s', (headers, expected) => {
    expect(failure(() => decode(headers))).toBe(expected);
  });

  it('needs every required attribute', () => {
    for (const name of Object.keys(HEADERS)) {
      const { [name as 'ce-id']: _, ...rest } = HEADERS;
      expect(failure(() => decodeRequest(rest, Buffer.alloc(0), options()))).toBe('422 missing-attribute');
    }
  });

  it.each([
    ['application/json', '{', '400 not-json'],
    ['application/json', Buffer.from([0x22, 0xff, 0x22]), '400 invalid-utf8'],
    ['text/plain', Buffer.from([0xff]), '400 invalid-utf8'],
    ['text/plain; charset=latin1', 'x', '415 unsupported-charset'],
    ['application/json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, '400 too-deep'],
  ])('refuses a body of %s', (type, body, expected) => {
    expect(failure(() => decode({ 'content-type': type }, body))).toBe(expected);
  });
});
