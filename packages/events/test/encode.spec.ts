import { Buffer } from 'node:buffer';
import { type CloudEventV1, HTTP } from 'cloudevents';
import {
  decodeRequest,
  encodeBinary,
  encodeData,
  encodeStructured,
  parseEvent,
  parseIdempotencyKey,
  timeOrderedId,
  withExtension,
} from '../src/index.js';
import { CE, eventOf, options } from './options.js';

const FULL = `{${CE},"subject":"né %41 \\"q\\"","time":"2026-01-31T12:00:00.000Z","num":7,"flag":true,"datacontenttype":"application/json","data":{"n":1.0,"é":[1]}}`;

describe('outgoing', () => {
  it('is read by the CloudEvents SDK in structured mode', () => {
    const { headers, body } = encodeStructured(FULL);
    const event = HTTP.toEvent<unknown>({ headers, body }) as CloudEventV1<unknown>;
    expect(event).toMatchObject({ id: '1', source: '/s', type: 't', subject: 'né %41 "q"', data: { n: 1, é: [1] } });
  });

  it('is read by the CloudEvents SDK in binary mode', () => {
    const { headers, body } = encodeBinary(FULL);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'ce-subject': 'n%C3%A9%20%2541%20%22q%22' });
    expect(body).toBe('{"n":1.0,"é":[1]}');
    const event = HTTP.toEvent<unknown>({ headers, body }) as CloudEventV1<unknown>;
    expect(event).toMatchObject({ id: '1', source: '/s', type: 't', data: { n: 1, é: [1] } });
  });

  it('reads what it wrote in binary mode', () => {
    for (const json of [
      FULL,
      `{${CE},"datacontenttype":"text/plain","data":"a\\né"}`,
      `{${CE},"datacontenttype":"image/png","data_base64":"AP8="}`,
      `{${CE}}`,
    ]) {
      const { headers, body } = encodeBinary(json);
      const { num, flag, ...rest } = parseEvent(json);
      const [decoded] = decodeRequest(headers, Buffer.from(body as string), options());
      expect(parseEvent(eventOf(decoded).json)).toMatchObject(rest);
    }
  });

  it('sends data alone', () => {
    expect(encodeData(FULL)).toEqual({ headers: { 'content-type': 'application/json' }, body: '{"n":1.0,"é":[1]}' });
    expect(encodeData(`{${CE},"data":"x"}`).body).toBe('"x"');
    expect(encodeData(`{${CE}}`)).toEqual({ headers: {}, body: '' });
  });

  it('lets no content type end its header', () => {
    expect(encodeData(`{${CE},"datacontenttype":"a/b\\r\\nx: y","data":"x"}`).headers['content-type']).not.toMatch(
      /[\r\n]/,
    );
  });
});

describe('parseEvent', () => {
  it('leaves null attributes out, and keeps null data', () => {
    expect(parseEvent(`{${CE},"subject":null,"data":null}`)).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      data: null,
    });
  });

  it.each(['', '[]', '{"id":"1"}'])('refuses %j', (json) => {
    expect(() => parseEvent(json)).toThrow();
  });
});

describe('withExtension', () => {
  it('splices, and replaces what is there', () => {
    expect(withExtension(`{${CE}}`, 'traceparent', '00-"a')).toBe(`{"traceparent":"00-\\"a",${CE}}`);
    expect(withExtension('{"tr\\u0061ce":"x", "id":"1"}', 'trace', 1)).toBe('{"trace":1,"id":"1"}');
    expect(withExtension('{"a":{"trace":1}}', 'trace', true)).toBe('{"trace":true,"a":{"trace":1}}');
    expect(withExtension(' { } ', 'a', 1)).toBe('{"a":1 } ');
    expect(() => withExtension('{}', 'a"', 1)).toThrow(TypeError);
  });
});

describe('timeOrderedId', () => {
  it('is a UUIDv7 and only goes up', () => {
    const ids = Array.from({ length: 10_000 }, timeOrderedId);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.abs(parseInt((ids[0] as string).replace('-', '').slice(0, 12), 16) - Date.now())).toBeLessThan(5000);
  });
});

describe('parseIdempotencyKey', () => {
  it.each([
    [undefined, undefined],
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    [' "a\\"b\\\\c" ', 'a"b\\c'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('reads %j', (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each(['', '""', '"abc', 'a"b', '"a\\n"', 'é', '"é"', 'x'.repeat(256), `"${'x'.repeat(256)}"`])(
    'refuses %j',
    (header) => {
      expect(() => parseIdempotencyKey(header)).toThrow(
        expect.objectContaining({ status: 400, code: 'bad-idempotency-key' }),
      );
    },
  );

  it('refuses two', () => {
    expect(() => parseIdempotencyKey(['a', 'b'])).toThrow('is repeated');
  });
});
