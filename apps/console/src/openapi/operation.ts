import { type Json, number, object, ref, text } from './schema.js';

/** A parameter of the query. */
export const query = (name: string, description: string, schema: Json = text): Json => ({
  name,
  in: 'query',
  description,
  schema,
});
/** What a list that is read from a stream takes. */
export const RANGE = [
  query('from', 'The oldest: a time, Unix milliseconds or a stream id'),
  query('to', 'The newest'),
  query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
];

/** An answer that is a `Problem`. */
export const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

/** An operation that looks. */
export const get = (operationId: string, summary: string, schema: Json, parameters: readonly Json[] = []): Json => ({
  get: {
    operationId,
    summary,
    parameters,
    security: [{}, { bearer: [] }, { 'api-key': [] }],
    responses: {
      200: { description: 'The answer', content: { 'application/json': { schema } } },
      400: problem('A parameter is not valid'),
      401: problem('An API key is needed, or is not known'),
      403: problem('The role of the key does not reach'),
      503: problem('Redis is away'),
    },
  },
});

/** A body of JSON. */
export const json = (schema: Json): Json => ({ content: { 'application/json': { schema } } });

/** An operation that does something, with a body or without. */
export const post = (operationId: string, summary: string, body: Json | undefined, answers: Json): Json => ({
  operationId,
  summary,
  security: [{}, { bearer: [] }, { 'api-key': [] }],
  ...(body === undefined ? {} : { requestBody: json(body) }),
  responses: {
    ...answers,
    400: problem('Something in the body is not valid'),
    401: problem('An API key is needed, or is not known'),
    403: problem('The role of the key does not reach'),
    503: problem('Redis is away'),
  },
});

/** A thing, and whether it was otherwise before. */
export const changed = (schema: Json): Json => ({
  allOf: [schema, object({ changed: { type: 'boolean', description: 'False: it was so already' } })],
});
/** An answer that is JSON. */
export const answer = (description: string, schema: Json): Json => ({ description, ...json(schema) });
/** Parameters of the path. */
export const inPath = (...names: readonly string[]): Json[] =>
  names.map((name) => ({ name, in: 'path', required: true, schema: text }));
/** A member of bodies. */
export const DRY_RUN = { dryRun: { type: 'boolean', description: 'Counts what matches, and does nothing' } };

/** The same path, of a thing that may not be there. */
export const withNotFound = (path: Json): Json => {
  const operation = path.get as { responses: Json };
  return { get: { ...operation, responses: { ...operation.responses, 404: problem('There is no such thing') } } };
};

/** A parameter of changes. */
export const VERSION = query('version', 'The version that the change was made for; another one is a 409');
/** The answer to a change. */
export const AT_VERSION = answer(
  'The new version, or the one there is where nothing was to be changed',
  object({ version: number }),
);

/** An operation that changes routes. */
export const change = (operationId: string, summary: string, parameters: readonly Json[], body?: Json): Json => {
  const operation = post(operationId, summary, body, { 200: AT_VERSION });
  return {
    ...operation,
    parameters,
    responses: {
      ...(operation.responses as Json),
      404: problem('There is no such thing'),
      409: problem('Somebody changed them meanwhile, or the route is of the file'),
      422: problem('It is no route: says where, and what is taken'),
    },
  };
};
