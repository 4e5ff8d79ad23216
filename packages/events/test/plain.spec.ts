import { parseEvent } from '../src/index.js';
import { CE, decode, eventOf, failure } from './options.js';

const JSON_TYPE = 'application/json';

describe('plain JSON', () => {
  it('fills in what is left out, before what was there', () => {
    const { json } = eventOf(decode(JSON_TYPE, '{ "type": "t", "data": 1.0 }')[0]);
    expect(json).toBe(
      '{"specversion":"1.0","id":"new-1","source":"/gateway","time":"2026-01-31T12:00:00.000Z", "type": "t", "data": 1.0 }',
    );
  });

  it('touches nothing where nothing is left out', () => {
    const json = `{${CE},"time":"2026-01-01T00:00:00Z","tenant":"a"}`;
    expect(eventOf(decode(JSON_TYPE, json)[0]).json).toBe(json);
  });

  it('puts a value in place of a null', () => {
    const { json, id } = eventOf(decode(JSON_TYPE, '{"id":null,"type":"t","data":{"id":null},"source":null}')[0]);
    expect(id).toBe('new-1');
    expect(parseEvent(json)).toMatchObject({ id: 'new-1', source: '/gateway', type: 't', data: { id: null } });
    expect(json.match(/"id"/g)).toHaveLength(2);
  });

  it('derives ids from the idempotency key', () => {
    expect(eventOf(decode(JSON_TYPE, '{"type":"t"}', { idempotencyKey: 'k' })[0]).id).toBe('k');
    const batch = decode(JSON_TYPE, '[{"type":"t"},{"type":"t","id":"own"},{"type":"t"}]', { idempotencyKey: 'k' });
    expect(batch.map((one) => eventOf(one).id)).toEqual(['k/0', 'own', 'k/2']);
  });

  it.each([
    ['{"type":"t","amount":1.5}', '422 bad-attribute'],
    ['{"type":"t","items":[]}', '422 bad-attribute'],
    ['{"type":"t","orderId":1}', '422 bad-attribute-name'],
    ['{"data":1}', '422 missing-attribute'],
    ['{"type":""}', '422 empty-attribute'],
    ['{"type":"t","specversion":"0.3"}', '422 unsupported-specversion'],
    ['7', '422 not-an-object'],
    ['', '400 not-json'],
  ])('refuses %s with %s', (body, expected) => {
    expect(failure(() => decode(JSON_TYPE, body))).toBe(expected);
  });

  it('says where other members go', () => {
    expect(decode(JSON_TYPE, '{"type":"t","orderId":1}')[0]).toMatchObject({
      error: { message: '"orderId" is not a valid attribute name: a-z and 0-9 only; put it under data' },
    });
  });

  it.each([
    ['text/csv', '415 unsupported-media-type'],
    ['application/json; charset=latin1', '415 unsupported-charset'],
    ['application/cloudevents+avro', '415 unsupported-media-type'],
    ['nonsense', '415 unsupported-media-type'],
    ['', '415 unsupported-media-type'],
  ])('refuses content type "%s"', (type, expected) => {
    expect(failure(() => decode(type, '{"type":"t"}'))).toBe(expected);
  });
});
