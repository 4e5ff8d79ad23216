import { Ajv2020 } from 'ajv/dist/2020.js';
import { ADMIN_API } from '../src/document.js';
import { named, namedIn, object, text } from '../src/schema.js';

const operations = Object.entries(ADMIN_API.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation, id: operation.operationId })),
);

it('names every operation once', () => {
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

it.each(operations)('$id says who may send it, what it answers and how it refuses', ({ operation, path }) => {
  expect(operation).toMatchObject({ security: [{}, { bearer: [] }, { 'api-key': [] }] });
  expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '401', '403', '503']));
  for (const [status, { content }] of Object.entries(operation.responses)) {
    if (status === '204') expect(content).toBeUndefined();
    else for (const { schema } of Object.values(content ?? {})) expect(schema).toEqual(expect.any(Object));
    expect({ status, isDescribed: status === '204' || content !== undefined }).toEqual({ status, isDescribed: true });
  }
  const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
  expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
});

it('has all that it refers to', () => {
  const json = JSON.stringify(ADMIN_API);
  const referred = [...json.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
  // A snapshot comes as server-sent events, which no operation can refer to.
  expect(Object.keys(ADMIN_API.components.schemas).sort()).toEqual([...new Set([...referred, 'Snapshot'])].sort());
});

it('has schemas that a validator takes', () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(ADMIN_API, 'api');
  for (const name of Object.keys(ADMIN_API.components.schemas))
    ajv.compile({ $ref: `api#/components/schemas/${name}` });
});

it('refuses two schemas of one name', () => {
  const [one, other] = [named('A', object({ a: text })), named('A', object({ b: text }))];
  expect(namedIn([one, { ...one }])).toEqual({ A: object({ a: text }) });
  expect(() => namedIn([one, other])).toThrow('two schemas are called A');
});
