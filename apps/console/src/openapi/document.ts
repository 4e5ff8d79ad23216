import { AGGREGATES } from '@millrace/series';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ROUTE_PATHS } from '../routes/openapi.js';
import { SCHEMA_PATHS } from '../schemas/openapi.js';
import { WEBHOOK_PATHS } from '../webhooks/openapi.js';
import { SCHEMAS } from './components.js';
import { answer, DRY_RUN, get, inPath, post, problem, query, RANGE, withNotFound } from './operation.js';
import { type Json, list, number, object, ref, text } from './schema.js';

const PATHS: Json = {
  ...ROUTE_PATHS,
  ...SCHEMA_PATHS,
  ...WEBHOOK_PATHS,
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
    query('group', 'Consumer group'),
    query('error', 'Class of the error'),
    query('stream', 'Where the event came from, as topic:orders'),
    query('type', 'Type of the event'),
    ...RANGE,
  ]),
  '/api/dead-letters/redrive': {
    post: post(
      'redriveDeadLetters',
      'Sends all that match again, each to the group that gave it up',
      {
        type: 'object',
        required: ['filter'],
        properties: { filter: ref('Filter'), ...DRY_RUN, perSecond: { type: 'integer', minimum: 1, default: 100 } },
      },
      { 200: answer('Of a dry run', ref('Matched')), 202: answer('It has begun', ref('Redrive')) },
    ),
  },
  '/api/dead-letters/redrives': get('redrives', 'Redrives of this process', object({ redrives: list(ref('Redrive')) })),
  '/api/dead-letters/redrives/{id}': {
    ...withNotFound(get('redrive', 'How a redrive fares', ref('Redrive'), inPath('id'))),
    delete: {
      operationId: 'stopRedrive',
      summary: 'Ends a redrive where it stands',
      parameters: inPath('id'),
      responses: { 204: { description: 'It ends' }, 404: problem('There is no such redrive') },
    },
  },
  '/api/dead-letters/purge': {
    post: post(
      'purgeDeadLetters',
      'Deletes all that match, for good',
      { type: 'object', required: ['filter'], properties: { filter: ref('Filter'), ...DRY_RUN } },
      { 200: answer('How many', object({ purged: number })) },
    ),
  },
  '/api/dead-letters/{group}/{partition}/{id}': withNotFound(
    get('deadLetter', 'One dead letter', ref('DeadLetter'), inPath('group', 'partition', 'id')),
  ),
  '/api/dead-letters/{group}/{partition}/{id}/redrive': {
    post: {
      ...post(
        'redriveDeadLetter',
        'Sends one again, as it was or with another event in its place',
        { type: 'object', properties: { event: { type: 'object', description: 'A CloudEvent' } } },
        {
          200: answer('1, or 0 where somebody else was first', object({ redriven: number })),
          404: problem('There is no such dead letter'),
          422: problem('The event is not valid, or there is none to send'),
        },
      ),
      parameters: inPath('group', 'partition', 'id'),
    },
  },
  '/api/doctor': get(
    'doctor',
    'Whether the server and the groups can keep the promises',
    object({
      findings: list(object({ check: text, verdict: { enum: ['ok', 'warning', 'refuse', 'unknown'] }, detail: text })),
    }),
  ),
  '/api/audit': get('audit', 'What was done by hand, newest first', object({ entries: list(ref('AuditEntry')) }), [
    query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
  ]),
  '/api/series': get(
    'series',
    'Samples, or aggregates of whole buckets, of the first 100 series by name that match',
    object({ matched: number, series: list(ref('SeriesPoints')) }),
    [
      {
        ...query('filter', 'label=value, label!=value, label=(one,other), label= (has none) or label!= (has one)'),
        schema: list(text),
        explode: true,
      },
      query('from', 'The oldest: a time or Unix milliseconds'),
      query('to', 'The newest'),
      query('bucket', 'With `aggregate`: a duration, as 1m'),
      query('aggregate', 'With `bucket`', { enum: AGGREGATES }),
      query('limit', 'Most points of a series', { type: 'integer', minimum: 1, maximum: 1000, default: 1000 }),
    ],
  ),
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
