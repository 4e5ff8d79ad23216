import { parseFile } from '@millrace/definitions';
import { SCHEMAS, SchemaError, TypeSchemas } from '@millrace/schemas';

const V1 = { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } };
const V2 = {
  $id: 'https://example.com/schemas/order/2',
  type: 'object',
  required: ['amount', 'at'],
  properties: {
    amount: { type: 'integer' },
    at: { type: 'string', format: 'date-time' },
    lines: { items: { type: 'string' } },
  },
};
const schemas = (more: object = {}) =>
  new TypeSchemas({ type: 'order', mode: 'enforce', versions: { '1': V1, '2': V2 }, ...more }, 'test');

/** Checks data whose members have these schemas; gives what is wrong. */
const both = (properties: object) => {
  const written = new TypeSchemas({ type: 'order', versions: { '1': { properties } } }, 'test');
  return { check: (data: object) => written.check({ data })?.message };
};

describe('the schemas of a type', () => {
  it.each([
    ['the last version without a dataschema', { data: { amount: 1, at: '2026-01-01T00:00:00Z' } }, undefined],
    [
      'its path and the version',
      { data: { amount: 1.5, at: '2026-01-01T00:00:00Z' } },
      /^\/data\/amount must be integer, by the schema of "order", version 2$/,
    ],
    [
      'an element of an array',
      { data: { amount: 1, at: '2026-01-01T00:00:00Z', lines: ['a', 2] } },
      /^\/data\/lines\/1 must be string/,
    ],
    ['a format', { data: { amount: 1, at: 'yesterday' } }, /^\/data\/at must match format "date-time"/],
    ['a missing member', { data: { amount: 1 } }, /^\/data must have required property 'at'/],
    ['missing data', {}, /^\/data is missing/],
    ['a version by its name', { dataschema: '1', data: { amount: 1.5 } }, undefined],
    ['a version by its $id', { dataschema: 'https://example.com/schemas/order/2', data: { amount: 1.5 } }, /version 2/],
    [
      'a version by the end of an address',
      { dataschema: 'https://other.example/order/1', data: { amount: 1.5 } },
      undefined,
    ],
    [
      'a version that is not there',
      { dataschema: '/order/9', data: {} },
      /^dataschema is "\/order\/9"; "order" has the versions 1, 2$/,
    ],
  ])('check %s', (_, event, message) => {
    const violation = schemas().check(event);
    if (message === undefined) expect(violation).toBeUndefined();
    else expect(violation?.message).toMatch(message);
  });

  it('say where, as a JSON pointer', () => {
    expect(schemas().check({ data: { amount: 'x', at: '2026-01-01T00:00:00Z' } })?.pointer).toBe('/data/amount');
    expect(schemas().check({ dataschema: 'x', data: {} })?.pointer).toBe('/dataschema');
  });

  it('have the highest version for the current one, as numbers count', () => {
    const versions = { '10': V1, '9': V2, '1.1': V2 };
    expect(schemas({ versions }).check({ data: { amount: 1.5 } })).toBeUndefined();
  });

  it('that cannot be evaluated allow nothing, and break nothing', () => {
    expect(schemas({ versions: { '1': { $ref: '#' } } }).check({ data: {} })?.message).toMatch(/cannot be checked by/);
  });

  it('match regular expressions in linear time, each its own', () => {
    const of = (pattern: string) => ({ type: 'string', pattern });
    const { check } = both({ a: of('^(a+)+$'), b: of('^\\d{3}-[\\w.-]+$'), c: of('^\\p{Lu}$') });
    // JavaScript's own would take longer than the universe has.
    expect(check({ a: `${'a'.repeat(100_000)}!` })).toMatch('/data/a must match pattern');
    expect(check({ a: 'aaa', b: '123-x.y', c: 'Ä' })).toBeUndefined();
    expect(check({ a: 'aaa', b: '12-x' })).toMatch('/data/b must match pattern');
    expect(check({ c: 'ä' })).toMatch('/data/c');
    expect(() => both({ a: of('^(?!x)') })).toThrow(/the regular expression "\^\(\?!x\)" is not valid: .*RE2/);
  });

  it('check by the version that is current', () => {
    expect(schemas({ current: '1' }).check({ data: { amount: 1.5 } })).toBeUndefined();
  });

  it.each([
    [5, /^test: the schemas of a type are an object/],
    [{ versions: { '1': V1 } }, /^test: type must be .*, got nothing/],
    [{ type: 'order', mode: 'strict', versions: { '1': V1 } }, /mode must be one of off, warn, enforce, got "strict"/],
    [{ type: 'order', versions: {} }, /versions must be an object of JSON Schemas by version, got \{\}/],
    [{ type: 'order', versions: { 'a b': V1 } }, /version must be 1 to 64 letters.*, got "a b"/],
    [{ type: 'order', versions: { '1': 5 } }, /version 1 must be a JSON Schema, got 5/],
    [{ type: 'order', versions: { '1': { type: 'nothing' } } }, /version 1: schema is invalid/],
    [{ type: 'order', versions: { '1': { $ref: 'https://example.com/other' } } }, /version 1: can't resolve reference/],
    [{ type: 'order', versions: { '1': { $schema: 'http://json-schema.org/draft-07/schema#' } } }, /version 1: /],
    [{ type: 'order', versions: { '1': { $async: true } } }, /version 1: \$async is not supported/],
    [{ type: 'order', current: '3', versions: { '1': V1 } }, /current is "3", which is not one of its versions/],
    [{ type: 'order', colour: 'red', versions: { '1': V1 } }, /"colour" is unknown; expected type, mode/],
  ])('refuse %j', (written, message) => {
    expect(() => new TypeSchemas(written, 'test')).toThrow(SchemaError);
    expect(() => new TypeSchemas(written, 'test')).toThrow(message);
  });
});

describe('schemas that can never be cheap', () => {
  it.each([
    ['refers to itself without end', { $ref: '#' }, /version 1 would take too long: null cannot be validated by it: /],
    [
      'is too large',
      { anyOf: Array.from({ length: 1001 }, (_, n) => ({ const: n })) },
      /version 1 would take too long: it has 1003 schemas and values in it; the limit is 1000$/,
    ],
  ])('are refused where they are written: one that %s', (_, schema, message) => {
    const versions = { '1': schema };
    expect(schemas({ versions }).costly).toMatch(message);
    expect(() => parseFile(SCHEMAS, JSON.stringify({ schemas: [{ type: 'a', versions }] }), 'f')).toThrow(message);
    expect(schemas().costly).toBeUndefined();
  });

  it('compile no version again that is the same as before', () => {
    const origin = { source: 'Redis', place: 'schema of "order"', from: 'Redis' } as const;
    const before = SCHEMAS.parse({ type: 'order', mode: 'warn', versions: { '1': V1 } }, origin);
    const after = SCHEMAS.parse({ type: 'order', mode: 'off', versions: { '1': { ...V1 }, '2': V2 } }, origin, before);
    expect(after.compiledOf(V1)).toBe(before.compiledOf(V1));
    expect(before.compiledOf(V2)).toBeUndefined();
  });

  it('say so for an event that takes too many steps', () => {
    const node = { properties: { next: { $ref: '#/$defs/node' } } };
    const twice = { $defs: { node: { oneOf: [node, node] } }, $ref: '#/$defs/node' };
    const data = Array.from({ length: 20 }).reduce<object>((next) => ({ next }), {});
    expect(schemas({ versions: { '1': twice } }).check({ data }, 200)).toEqual({
      pointer: '/data',
      message: '/data cannot be checked by the schema of "order", version 1: validation exceeds the step limit',
    });
  });
});

describe('a file of schemas', () => {
  it('is YAML or JSON', () => {
    const yaml = 'schemas:\n  - type: order\n    mode: warn\n    versions:\n      "1": { type: object }\n';
    expect(parseFile(SCHEMAS, yaml, 'f')).toMatchObject([{ type: 'order', mode: 'warn' }]);
    expect(parseFile(SCHEMAS, JSON.stringify({ schemas: [{ type: 'a', versions: { '1': V1 } }] }), 'f')).toHaveLength(
      1,
    );
  });

  it.each([
    ['schemas: {}', /^f: a file of schemas has a list under "schemas"/],
    ['schemas: [', /^f: /],
    [
      'schemas: [{ type: a, versions: { "1": true } }, { type: a, versions: { "1": true } }]',
      /^f: there are two schemas of the type "a"/,
    ],
    ['schemas: [{ versions: { "1": true } }]', /^f: schema 1: type must be .*, got nothing/],
  ])('refuses %j', (text, message) => {
    expect(() => parseFile(SCHEMAS, text, 'f')).toThrow(message);
  });
});
