import { Ajv2020 } from 'ajv/dist/2020.js';
import { ADMIN_API, gatewayApi } from '../src/document.js';
import { named, namedIn, object, text } from '../src/schema.js';

// What comes as server-sent events no operation can refer to.
const DOCUMENTS = [
  { api: 'console', document: ADMIN_API, sent: ['Dropped', 'Snapshot', 'Trouble'] },
  { api: 'gateway', document: gatewayApi(true), sent: [] },
];
const operations = DOCUMENTS.flatMap(({ document }) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, id: operation.operationId })),
  ),
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

it.each(DOCUMENTS)('has all that it refers to: $api', ({ document, sent }) => {
  const json = JSON.stringify(document);
  const referred = [...json.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
  expect(Object.keys(document.components.schemas).sort()).toEqual([...new Set([...referred, ...sent])].sort());
});

it.each(DOCUMENTS)('has schemas that a validator takes: $api', ({ document }) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'api');
  for (const name of Object.keys(document.components.schemas)) ajv.compile({ $ref: `api#/components/schemas/${name}` });
});

it('refuses two schemas of one name', () => {
  const [one, other] = [named('A', object({ a: text })), named('A', object({ b: text }))];
  expect(namedIn([one, { ...one }])).toEqual({ A: object({ a: text }) });
  expect(() => namedIn([one, other])).toThrow('two schemas are called A');
});
