import { AGGREGATES } from '@millrace/series';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ROLES } from '../access/access.js';
import { KEY_PATHS } from '../keys/openapi.js';
import { LAB_PATHS } from '../lab/openapi.js';
import { LOG_PATHS } from '../logs/openapi.js';
import { PARTITION_PATHS } from '../partitions/openapi.js';
import { REPLAY_PATHS } from '../replays/openapi.js';
import { ROUTE_PATHS } from '../routes/openapi.js';
import { SCHEMA_PATHS } from '../schemas/openapi.js';
import { SINK_PATHS } from '../sinks/openapi.js';
import { TOPIC_PATHS } from '../topics/openapi.js';
import { TRACE_PATHS } from '../trace/openapi.js';
import { WEBHOOK_PATHS } from '../webhooks/openapi.js';
import { SCHEMAS } from './components.js';
import { answer, DRY_RUN, get, inPath, post, problem, query, RANGE, withNotFound } from './operation.js';
import { type Json, list, ms, number, object, orNull, ref, text } from './schema.js';

const LETTER_FILTER = [
  query('hop', 'Who gave up, as sink-postgres'),
  query('group', 'Consumer group'),
  query('error', 'Class of the error'),
  query('stream', 'Where the event came from, as topic:orders'),
  query('type', 'Type of the event'),
  query('text', 'What the message or the event contains'),
];

const PATHS: Json = {
  '/api/me': get(
    'me',
    'What the key of the request may do',
    object({ name: text, role: { enum: ROLES }, auth: { enum: ['on', 'off'] } }),
  ),
  ...TOPIC_PATHS,
  ...SINK_PATHS,
  ...PARTITION_PATHS,
  ...TRACE_PATHS,
  ...LOG_PATHS,
  ...REPLAY_PATHS,
  ...LAB_PATHS,
  ...ROUTE_PATHS,
  ...SCHEMA_PATHS,
  ...WEBHOOK_PATHS,
  ...KEY_PATHS,
  '/api/summary': get('summary', 'Numbers of the whole pipeline', ref('Summary')),
  '/api/events': {
    post: {
      operationId: 'publish',
      summary: 'Hands events to the gateway as they are, and gives its answer: see its own document',
      responses: { 202: { description: 'The answer of the gateway' }, 503: problem('The gateway does not answer') },
    },
  },
  '/api/dead-letters': get(
    'deadLetters',
    'Newest first, about 4 MiB. A page may be short and not the last',
    object({
      deadLetters: list(ref('DeadLetter')),
      next: orNull(text),
      looked: number,
      reachedAt: { ...orNull(ms), description: 'Of the last that was looked at' },
      total: { ...number, description: 'Of all groups that are meant' },
    }),
    [...LETTER_FILTER, ...RANGE, query('cursor', 'The `next` of an earlier page')],
  ),
  '/api/dead-letters/groups': get(
    'deadLetterGroups',
    'The newest by group and error: a thousand of each group, fewer where there are many groups, or large ones',
    object({ total: number, looked: number, errors: list(ref('ErrorGroup')) }),
    [...LETTER_FILTER, ...RANGE.slice(0, 2)],
  ),
  '/api/dead-letters/redrive': {
    post: post(
      'redriveDeadLetters',
      'Sends all that match again, each to the group that gave it up',
      {
        type: 'object',
        required: ['filter'],
        properties: { filter: ref('Filter'), ...DRY_RUN, perSecond: { type: 'integer', minimum: 1, default: 100 } },
      },
      {
        200: answer('Of a dry run', ref('MatchedForRedrive')),
        202: answer('It has begun', ref('Redrive')),
        409: problem('None matches'),
      },
    ),
  },
  '/api/dead-letters/redrives': get(
    'redrives',
    'Redrives of all consoles, the newest first',
    object({ redrives: list(ref('Redrive')) }),
  ),
  '/api/dead-letters/redrives/{id}': {
    ...withNotFound(get('redrive', 'How a redrive fares', ref('Redrive'), inPath('id'))),
    delete: {
      operationId: 'stopRedrive',
      summary: 'Ends a redrive where it stands',
      parameters: inPath('id'),
      responses: {
        204: { description: 'It ends' },
        404: problem('There is no such redrive'),
        409: problem('It is at its end'),
      },
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
  '/api/audit': get(
    'audit',
    'What was done by hand, newest first, about 4 MiB',
    object({ entries: list(ref('AuditEntry')), next: orNull(text) }),
    [
      query('cursor', 'The `next` of an earlier page'),
      query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
    ],
  ),
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
  '/api/series/labels': get(
    'seriesLabels',
    'What the first thousand series can be asked for',
    object({ metrics: list(text), labels: { type: 'object', additionalProperties: list(text) } }),
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
