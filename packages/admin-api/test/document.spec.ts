import { Ajv2020 } from 'ajv/dist/2020.js';
import { ADMIN_API, gatewayApi } from '../src/document.js';
import { type Json, named, namedIn, object, text } from '../src/schema.js';

// What comes as server-sent events no operation can refer to.
const DOCUMENTS = [
  { api: 'console', document: ADMIN_API, sent: ['Dropped', 'Snapshot', 'Trouble'] },
  { api: 'gateway', document: gatewayApi(true), sent: [] },
];
const operations = DOCUMENTS.flatMap(({ document }) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method,
      operation,
      document,
      id: operation.operationId,
    })),
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

/** Answers with lists that are no pages, and why. */
const WHOLE: Readonly<Record<string, string>> = {
  topic: 'parts of one topic',
  topicEvent: 'parts of one event',
  deadLetter: 'parts of one dead letter',
  lab: 'parts of one lab',
  sink: 'parts of one sink',
  trace: 'parts of the way of one event',
  webhook: 'parts of one endpoint',
  routesDiff: 'parts of one difference',
  doctor: 'an examination: its findings are of one moment, and have no name to go on after',
  deadLetterGroups: 'counts of one look at the newest',
  series: 'lines of one chart: the first hundred, and how many match',
  seriesLabels: 'words to choose from, of the first thousand series',
  ingestSummary: 'one summary',
  recentIngested: 'the newest entries as they are given by the measurements API, which has no cursor',
};

/** The schema of what a GET answers. */
const answered = ({ operation, document }: (typeof operations)[number]): Json => {
  const schema = operation.responses['200']?.content?.['application/json']?.schema ?? {};
  const name = String(schema['$ref'] ?? '')
    .split('/')
    .at(-1) as string;
  return document.components.schemas[name] ?? schema;
};
const isList = (schema: Json): boolean => schema['type'] === 'array';
const listing = operations.filter((one) => {
  const schema = answered(one);
  const properties = Object.values((schema['properties'] ?? {}) as Record<string, Json>);
  return one.method === 'get' && [schema, ...properties].some(isList);
});

it('knows no list as whole that there is not', () => {
  const unknown = Object.keys(WHOLE).filter((id) => !listing.some((one) => one.id === id));
  expect({ unknown, found: listing.length > Object.keys(WHOLE).length }).toEqual({ unknown: [], found: true });
});

it.each(listing.filter(({ id }) => WHOLE[id] === undefined))('pages what $id lists', (one) => {
  const parameters = new Map(one.operation.parameters?.map(({ name, schema }) => [name, schema]));
  expect(parameters.get('limit')).toMatchObject({ minimum: 1, maximum: 1000, default: expect.any(Number) });
  expect(parameters.get('cursor')).toEqual(expect.any(Object));
  expect(answered(one)).toMatchObject({ required: expect.arrayContaining(['next']) });
  expect(answered(one)['properties']).toMatchObject({ next: { anyOf: [{ type: 'string' }, { type: 'null' }] } });
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
