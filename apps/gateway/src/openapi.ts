import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

type Json = Readonly<Record<string, unknown>>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const answer = (description: string, type: string, schema: Json): Json => ({
  description,
  content: { [type]: { schema } },
});
const json = (description: string, schema: Json): Json => answer(description, 'application/json', schema);
const problem = (description: string): Json => answer(description, 'application/problem+json', ref('Problem'));
const later = (description: string): Json => ({
  ...problem(description),
  headers: { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } },
});
const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const object = (properties: Json, required = Object.keys(properties)): Json => ({
  type: 'object',
  required,
  properties,
});
const nullable = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] });

const EXAMPLE = {
  specversion: '1.0',
  id: 'order-7',
  source: '/shop',
  type: 'order.paid',
  subject: 'customer-3',
  data: { amount: 12.5 },
};

const UNLISTED: Json = { ...count, description: 'How many more were not accepted than are listed' };

const SCHEMAS: Json = {
  CloudEvent: {
    description: 'A CloudEvent 1.0 (https://cloudevents.io); further members are extensions.',
    type: 'object',
    required: ['specversion', 'id', 'source', 'type'],
    properties: {
      specversion: { const: '1.0' },
      id: text,
      source: { ...text, description: 'A URI reference; with `id` it names the event' },
      type: text,
      subject: text,
      time: { ...text, format: 'date-time' },
      datacontenttype: text,
      dataschema: { ...text, format: 'uri' },
      partitionkey: { ...text, description: 'Extension: events of one key stay in order' },
      data: {},
      data_base64: { ...text, description: 'In place of `data`' },
    },
    additionalProperties: true,
  },
  PlainEvent: {
    description: 'An event of which only `type` is required; the gateway fills in the rest.',
    type: 'object',
    required: ['type'],
    properties: { type: text, id: text, source: text, subject: text, data: {} },
    additionalProperties: true,
  },
  Problem: {
    description: 'A problem detail, RFC 9457.',
    ...object({ type: text, code: text, title: text, status: { type: 'integer' }, detail: text }),
    properties: {
      type: { ...text, description: 'A stable name, as urn:millrace:problem:not-json' },
      code: { ...text, description: 'The last part of the type: what programs tell problems apart by' },
      title: text,
      status: { type: 'integer' },
      detail: { ...text, description: 'What was wrong, where, and what is accepted' },
      retryable: { type: 'boolean', description: 'The same request may succeed later' },
      pointer: { ...text, description: 'Where in the event, as a JSON pointer' },
      results: { type: 'array', items: ref('Result'), description: 'Where all events of a request were rejected' },
      unlisted: UNLISTED,
      refused: ref('Refusal'),
    },
  },
  Result: {
    description: 'What became of one event.',
    type: 'object',
    required: ['index', 'status'],
    properties: {
      index: { ...count, description: 'Its place in the request' },
      id: text,
      status: { enum: ['accepted', 'duplicate', 'rejected'] },
      streamId: { ...text, description: 'Of a duplicate: where the first one stands' },
      error: ref('Problem'),
    },
  },
  Refusal: {
    description:
      'Of NDJSON: from this event on none was read, and why; sent again, as `error.retryable` says, they may be taken.',
    ...object({ from: { ...count, description: 'Its place in the request' }, error: ref('Problem') }),
  },
  Answer: {
    type: 'object',
    required: ['accepted', 'duplicates', 'rejected', 'results'],
    properties: {
      accepted: count,
      duplicates: count,
      rejected: count,
      results: {
        type: 'array',
        items: ref('Result'),
        description:
          'In request order; of more than 10,000 events only the first 10,000 that were not accepted. Rejections that are not ' +
          'retryable, or were not read, are listed until they take 32 KiB more than the request.',
      },
      unlisted: UNLISTED,
      refused: ref('Refusal'),
    },
  },
  Measurement: object({
    source: text,
    metric: text,
    value: { type: 'number' },
    occurredAt: { ...text, format: 'date-time' },
  }),
  Point: object({ timestampMs: { type: 'integer' }, value: { type: 'number' } }),
};

const single = (schema: string, example: Json): Json => ({ schema: ref(schema), example });
const { specversion: _, source: __, id: ___, ...PLAIN } = EXAMPLE;

const EVENTS: Json = {
  post: {
    tags: ['events'],
    operationId: 'sendEvents',
    summary: 'Send events',
    description:
      'One event or many. Each is appended once: a repeated `source` and `id`, or a repeated `Idempotency-Key`, of one API key, is a ' +
      'duplicate; one of another type is a conflict. A bad event rejects only itself. Beside the forms below, binary mode takes the attributes as `ce-` ' +
      'headers and any body.',
    security: [{}, { bearer: [] }, { 'api-key': [] }],
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        schema: text,
        description: 'Names the request: sent again, it is taken once. In a batch it stands for key/index.',
      },
      ...['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-subject', 'ce-time'].map((name) => ({
        name,
        in: 'header',
        schema: text,
        description: 'Binary mode; percent-encoded where it is not ASCII',
      })),
    ],
    requestBody: {
      required: true,
      content: {
        'application/cloudevents+json': single('CloudEvent', EXAMPLE),
        'application/cloudevents-batch+json': {
          schema: { type: 'array', items: ref('CloudEvent') },
          example: [EXAMPLE, { ...EXAMPLE, id: 'order-8' }],
        },
        'application/json': {
          schema: { oneOf: [ref('PlainEvent'), { type: 'array', items: ref('PlainEvent') }] },
          example: PLAIN,
        },
        'application/x-ndjson': {
          schema: {
            ...text,
            description:
              'An event on each line, of any length as a whole. Read until the rejected events outnumber the others by more than 2,000, ' +
              'or the rate limit of the API key is reached: the rest is `refused`.',
          },
          example: `${JSON.stringify(EXAMPLE)}\n${JSON.stringify({ ...EXAMPLE, id: 'order-8' })}\n`,
        },
      },
    },
    responses: {
      202: json('At least one event was accepted, or was known already', ref('Answer')),
      400: problem('Malformed: not JSON, not UTF-8, a key twice, too deep'),
      401: problem('An API key is needed, or is not known'),
      409: problem('An event of another type was accepted with the same source and id, or the same Idempotency-Key'),
      413: problem('The body, the batch or an event is too large'),
      415: problem('The media type or the encoding is not supported'),
      422: problem('An attribute is missing or not valid'),
      403: problem('The API key may not publish, or not this source or type'),
      429: later('The router is too far behind, or the API key at its limit; nothing was accepted'),
      503: later('Redis is away or full; nothing was accepted'),
    },
  },
};

const guarded = (operation: Json): Json => ({
  tags: ['measurements'],
  security: [{}, { bearer: [] }, { 'api-key': [] }],
  ...operation,
  responses: {
    ...(operation.responses as Json),
    400: problem('Something of the request is not valid'),
    401: problem('An API key is needed, or is not known'),
    403: problem('The API key may not publish, or not this source or metric, or is bound to some of them'),
    503: later('Redis is away'),
  },
});
const body = (schema: Json, example: Json): Json => ({
  required: true,
  content: { 'application/json': { schema, example } },
});
const READING = { source: 'sensor-1', metric: 'temperature', value: 21.5 };
const entry = object({ id: text, value: ref('Measurement') });

const PATHS: Json = {
  '/v1/events': EVENTS,
  '/api/ingest/events': {
    post: guarded({
      operationId: 'ingest',
      summary: 'Append a reading to the stream of measurements',
      requestBody: body(ref('Measurement'), READING),
      responses: { 200: json('It was appended', entry) },
    }),
  },
  '/api/ingest/workers/process': {
    post: guarded({
      operationId: 'processIngested',
      summary: 'Let a consumer work on the next entries',
      requestBody: body(object({ consumer: text, count: { type: 'integer', minimum: 1, maximum: 1000 } }), {
        consumer: 'worker-1',
        count: 10,
      }),
      responses: {
        200: json('What it did', object({ read: count, processed: count, dead_lettered: count, acked: count })),
      },
    }),
  },
  '/api/ingest/summary': {
    get: guarded({
      operationId: 'ingestSummary',
      summary: 'The queue, and the latest of each metric',
      responses: {
        200: json(
          'A rollup is null until its window is complete',
          object({
            queue: object({ total: count, pending: count, dead_lettered: count }),
            metrics: {
              type: 'array',
              items: object({ metric: text, raw: nullable(ref('Point')), rollup: nullable(ref('Point')) }),
            },
          }),
        ),
      },
    }),
  },
  '/api/ingest/events/recent': {
    get: guarded({
      operationId: 'recentIngested',
      summary: 'The newest entries, newest first',
      parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 20 } }],
      responses: { 200: json('The entries', { type: 'array', items: entry }) },
    }),
  },
};

/** The gateway's API as an OpenAPI 3.1 document, with the measurements API where it is on. Written by hand: bodies are bytes here, so Nest knows no types of them. */
export const openApiDocument = (hasMeasurements: boolean): OpenAPIObject =>
  ({
    ...new DocumentBuilder()
      .setTitle('Millrace gateway')
      .setDescription('Takes events in over HTTP.')
      .setVersion('1')
      .setOpenAPIVersion('3.1.0')
      .addTag('events', 'The pipeline')
      .addTag('measurements', 'A stream and a worker to try things out on; keys of its own')
      .build(),
    paths: Object.fromEntries(
      Object.entries(PATHS).filter(([path]) => hasMeasurements || !path.startsWith('/api/ingest')),
    ),
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        'api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  }) as unknown as OpenAPIObject;

/** `/docs` for people, `/docs-json` for programs. */
export const serveDocs = (app: NestFastifyApplication, page: boolean, hasMeasurements: boolean): void => {
  SwaggerModule.setup('docs', app, () => openApiDocument(hasMeasurements), { ui: page });
};
