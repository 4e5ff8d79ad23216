import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

type Json = Readonly<Record<string, unknown>>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Json): Json => ({ type: 'object', required: Object.keys(properties), properties });
const list = (items: Json): Json => ({ type: 'array', items });
const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] });
const text = { type: 'string' };
const number = { type: 'integer', minimum: 0 };
const ms = { ...number, description: 'Unix milliseconds' };

const SCHEMAS: Json = {
  Problem: object({ type: text, title: text, status: { type: 'integer' }, detail: text }),
  Summary: object({
    at: ms,
    inbox: number,
    topics: number,
    events: number,
    lag: number,
    pending: number,
    parked: number,
    deadLetters: number,
    memory: orNull(object({ used: number, max: { ...number, description: '0: no limit' } })),
  }),
  Stream: object({
    name: text,
    length: number,
    firstAt: orNull(ms),
    lastAt: orNull(ms),
    groups: list(object({ group: text, lag: number, pending: number })),
  }),
  Sink: object({
    name: text,
    hop: text,
    streams: list(text),
    lag: number,
    pending: number,
    parked: number,
    deadLetters: number,
    seenAt: ms,
  }),
  Event: object({ streamId: text, partition: number, type: text, event: {} }),
  DeadLetter: {
    ...object({
      id: text,
      partition: number,
      hop: text,
      group: text,
      consumer: text,
      stream: text,
      position: text,
      error: text,
      message: text,
      attempts: number,
      firstFailedAt: ms,
      lastFailedAt: ms,
      history: list(object({ at: ms, attempt: number, error: text })),
      event: orNull(text),
    }),
  },
};

const query = (name: string, description: string, schema: Json = text): Json => ({
  name,
  in: 'query',
  description,
  schema,
});
const RANGE = [
  query('from', 'The oldest: a time, Unix milliseconds or a stream id'),
  query('to', 'The newest'),
  query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
];

const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

const get = (operationId: string, summary: string, schema: Json, parameters: readonly Json[] = []): Json => ({
  get: {
    operationId,
    summary,
    parameters,
    security: [{}, { bearer: [] }, { 'api-key': [] }],
    responses: {
      200: { description: 'The answer', content: { 'application/json': { schema } } },
      400: problem('A parameter is not valid'),
      401: problem('An API key is needed, or is not known'),
      503: problem('Redis is away'),
    },
  },
});

const withNotFound = (path: Json): Json => {
  const operation = path.get as { responses: Json };
  return { get: { ...operation, responses: { ...operation.responses, 404: problem('There is no such topic') } } };
};

const PATHS: Json = {
  '/api/summary': get('summary', 'Numbers of the whole pipeline', ref('Summary')),
  '/api/topics': get(
    'topics',
    'The inbox and the topics',
    object({ inbox: ref('Stream'), topics: list(ref('Stream')) }),
  ),
  '/api/topics/{topic}/events': withNotFound(
    get('topicEvents', 'Events of a topic, newest first', object({ events: list(ref('Event')) }), [
      { name: 'topic', in: 'path', required: true, schema: text },
      ...RANGE,
    ]),
  ),
  '/api/sinks': get('sinks', 'The registered groups', object({ sinks: list(ref('Sink')) })),
  '/api/dead-letters': get('deadLetters', 'Newest first', object({ deadLetters: list(ref('DeadLetter')) }), [
    query('hop', 'Who gave up, as sink-postgres'),
    query('error', 'Class of the error'),
    ...RANGE,
  ]),
  '/api/live': {
    get: {
      operationId: 'live',
      summary: 'Server-sent events: a snapshot each second',
      security: [{}, { bearer: [] }, { 'api-key': [] }],
      responses: {
        200: { description: '`snapshot` and `trouble` events', content: { 'text/event-stream': { schema: text } } },
        401: problem('An API key is needed, or is not known'),
      },
    },
  },
};

/** The admin API as an OpenAPI 3.1 document. */
export const openApiDocument = (): OpenAPIObject =>
  ({
    ...new DocumentBuilder().setTitle('Millrace admin API').setVersion('1').setOpenAPIVersion('3.1.0').build(),
    paths: PATHS,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        'api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  }) as unknown as OpenAPIObject;

/** `/docs` for people, `/docs-json` for programs. */
export const serveDocs = (app: NestFastifyApplication, page: boolean): void => {
  SwaggerModule.setup('docs', app, openApiDocument, { ui: page });
};
