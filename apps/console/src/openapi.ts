import { AGGREGATES } from '@millrace/series';
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
    description:
      '`stack`, `trace` (the traceparent of the event) and `fields` (of an entry that held no event) are left out where there are none',
  },
  Filter: {
    type: 'object',
    description: 'What is left out does not matter',
    properties: {
      hop: text,
      group: text,
      error: { ...text, description: 'Class of the error' },
      stream: { ...text, description: 'Where the event came from, as topic:orders' },
      type: { ...text, description: 'Type of the event' },
      from: { ...text, description: 'A time, Unix milliseconds or an id of a dead letter' },
      to: text,
    },
    additionalProperties: false,
  },
  Matched: object({ matched: number }),
  Redrive: object({
    id: text,
    filter: ref('Filter'),
    perSecond: number,
    startedAt: ms,
    state: { enum: ['running', 'done', 'stopped', 'failed'] },
    matched: number,
    redriven: number,
    withoutPayload: { ...number, description: 'Lost their payload before they were delivered: nothing to send again' },
  }),
  Route: {
    type: 'object',
    required: ['pattern', 'topics'],
    properties: {
      name: text,
      pattern: { type: 'object', description: 'An EventBridge pattern over the whole event' },
      topics: list(text),
      priority: { type: 'integer', default: 100, description: 'Lower comes first where several routes name a topic' },
      transform: { ...text, description: 'JSONata; the members of what it gives are set in the copies' },
    },
    additionalProperties: false,
  },
  RouteView: {
    type: 'object',
    required: ['route', 'origin', 'isHidden'],
    properties: {
      route: ref('Route'),
      origin: { enum: ['file', 'redis'] },
      isHidden: { type: 'boolean', description: 'In Redis, but a route of the file has its name' },
      draft: ref('Route'),
    },
  },
  RouteChange: object({ name: text, before: orNull(ref('Route')), after: orNull(ref('Route')) }),
  StoredChange: object({ version: number, at: ms, who: text, action: text, changes: list(ref('RouteChange')) }),
  ShadowReport: {
    ...object({
      events: number,
      matched: { ...number, description: 'Events that the pattern of the draft matches' },
      inForce: { type: 'object', additionalProperties: number, description: 'Copies by topic' },
      withDraft: { type: 'object', additionalProperties: number },
      different: number,
      differences: list(object({ position: text, partition: number, type: text, less: list(text), more: list(text) })),
      microseconds: object({ inForce: { type: 'number' }, withDraft: { type: 'number' } }),
      undecodable: number,
    }),
    description: '`transform` (tried, failed, errors) is there where the draft has one',
  },
  Schemas: {
    type: 'object',
    required: ['type', 'mode', 'versions'],
    properties: {
      type: text,
      mode: { enum: ['off', 'warn', 'enforce'] },
      current: { ...text, description: 'The version of events that name none; the last one without it' },
      versions: { type: 'object', description: 'JSON Schemas by version' },
    },
  },
  WrittenEndpoint: {
    type: 'object',
    required: ['url'],
    properties: {
      url: text,
      secret: { description: 'whsec_…, or a list while they are rotated' },
      topics: list(text),
      pattern: { type: 'object' },
      format: { enum: ['structured', 'binary', 'data'], default: 'structured' },
      headers: { type: 'object', additionalProperties: text },
      timeout: { ...text, description: 'As 10s' },
      rate: { type: 'number', description: 'Most requests a second, from each process' },
      enabled: { type: 'boolean', default: true },
    },
    additionalProperties: false,
  },
  Endpoint: {
    type: 'object',
    required: ['name', 'endpoint', 'state', 'waiting', 'deadLetters'],
    properties: {
      name: text,
      endpoint: {
        anyOf: [ref('WrittenEndpoint'), { type: 'null' }],
        description: 'Null where it is in the file of a sink',
      },
      state: {
        type: 'object',
        properties: { offAt: ms, offReason: text, failingSince: ms, failure: text, openUntil: ms },
      },
      waiting: number,
      deadLetters: number,
    },
  },
  Attempt: {
    ...object({ at: ms, attempt: number, type: text, source: text, id: text, ms: number }),
    description:
      'With `status` and `answer` where there was one, `failure` where it counts as failed, and where the event is from',
  },
  SeriesPoints: object({
    name: text,
    labels: { type: 'object', additionalProperties: text },
    points: list(object({ timestampMs: ms, value: { type: 'number' } })),
  }),
  AuditEntry: object({ id: text, at: ms, who: text, action: text, detail: {} }),
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

const json = (schema: Json): Json => ({ content: { 'application/json': { schema } } });

const post = (operationId: string, summary: string, body: Json, answers: Json): Json => ({
  operationId,
  summary,
  security: [{}, { bearer: [] }, { 'api-key': [] }],
  requestBody: json(body),
  responses: {
    ...answers,
    400: problem('Something in the body is not valid'),
    401: problem('An API key is needed, or is not known'),
    503: problem('Redis is away'),
  },
});

const answer = (description: string, schema: Json): Json => ({ description, ...json(schema) });
const inPath = (...names: readonly string[]): Json[] =>
  names.map((name) => ({ name, in: 'path', required: true, schema: text }));
const DRY_RUN = { dryRun: { type: 'boolean', description: 'Counts what matches, and does nothing' } };

const withNotFound = (path: Json): Json => {
  const operation = path.get as { responses: Json };
  return { get: { ...operation, responses: { ...operation.responses, 404: problem('There is no such thing') } } };
};

const VERSION = query('version', 'The version that the change was made for; another one is a 409');
const AT_VERSION = answer('The new version', object({ version: number }));

/** An operation that changes routes. */
const change = (operationId: string, summary: string, parameters: readonly Json[], body?: Json): Json => {
  const { requestBody, ...operation } = post(operationId, summary, body ?? {}, { 200: AT_VERSION });
  return {
    ...operation,
    parameters,
    ...(body === undefined ? {} : { requestBody }),
    responses: {
      ...(operation.responses as Json),
      404: problem('There is no such thing'),
      409: problem('Somebody changed them meanwhile, or the route is of the file'),
      422: problem('It is no route: says where, and what is taken'),
    },
  };
};

const ROUTES: Json = {
  '/api/routes': {
    ...get(
      'routes',
      'All routes, of the file and of Redis',
      object({ version: number, routes: list(ref('RouteView')), drafts: list(ref('Route')), invalid: list(text) }),
    ),
    post: change('putRoutes', 'Puts several routes in force as one version', [], {
      type: 'object',
      required: ['routes'],
      properties: { routes: list(ref('Route')), version: number },
    }),
  },
  '/api/routes/test': {
    post: post(
      'testPattern',
      'Whether a pattern matches an event, and why',
      object({ pattern: { type: ['object', 'string'] }, event: { type: ['object', 'string'] } }),
      {
        200: answer('The verdict', object({ result: { type: 'boolean' }, why: { type: 'object' } })),
        422: problem('The pattern or the event is not valid: says where'),
      },
    ),
  },
  '/api/routes/history': get('routesHistory', 'Changes, newest first', object({ changes: list(ref('StoredChange')) }), [
    query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
    query('before', 'Only versions below this one', number),
  ]),
  '/api/routes/diff': get(
    'routesDiff',
    'What changed between two versions',
    object({ from: number, to: number, changes: list(ref('RouteChange')) }),
    [query('from', 'The older version', number), query('to', 'The newer one; the one in force without it', number)],
  ),
  '/api/routes/rollback': {
    post: change('rollbackRoutes', 'Makes all routes what they were at a version', [], object({ to: number })),
  },
  '/api/routes/{name}': {
    ...withNotFound(get('route', 'One route, and its draft', ref('RouteView'), inPath('name'))),
    put: change('putRoute', 'Puts a route in force', [...inPath('name'), VERSION], ref('Route')),
    delete: change('deleteRoute', 'Deletes a route', [...inPath('name'), VERSION]),
  },
  '/api/routes/{name}/draft': {
    ...withNotFound(get('draft', 'What a draft would change', ref('RouteChange'), inPath('name'))),
    put: {
      ...post('putDraft', 'Keeps a draft, which routes nothing', ref('Route'), {
        200: answer('What it would change', ref('RouteChange')),
        422: problem('It is no route: says where, and what is taken'),
      }),
      parameters: inPath('name'),
    },
    delete: {
      operationId: 'dropDraft',
      summary: 'Deletes a draft',
      parameters: inPath('name'),
      responses: { 204: { description: 'It is gone' }, 404: problem('There is no such draft') },
    },
  },
  '/api/routes/{name}/promote': {
    post: change('promoteDraft', 'Puts a draft in force', [...inPath('name'), VERSION]),
  },
  '/api/routes/{name}/shadow': {
    post: {
      ...post(
        'shadow',
        'What a draft would do, over the newest events or over live traffic',
        {
          type: 'object',
          properties: {
            last: { type: 'integer', minimum: 1, maximum: 100_000, default: 500 },
            seconds: { type: 'integer', minimum: 1, maximum: 60 },
            route: ref('Route'),
          },
        },
        { 200: answer('The report', ref('ShadowReport')), 404: problem('There is no such draft') },
      ),
      parameters: inPath('name'),
    },
  },
};

const SCHEMA_BODY = { type: ['object', 'boolean'], description: 'A JSON Schema, 2020-12' };

const SCHEMA_PATHS: Json = {
  '/api/schemas': get('schemas', 'The schemas in Redis', object({ version: number, schemas: list(ref('Schemas')) })),
  '/api/schemas/history': get('schemasHistory', 'Changes, newest first', object({ changes: list({ type: 'object' }) })),
  '/api/schemas/rollback': {
    post: change('rollbackSchemas', 'Makes all schemas what they were at a version', [], object({ to: number })),
  },
  '/api/schemas/test': {
    post: post('testSchema', 'Whether the schema of a type allows an event', object({ type: text, event: {} }), {
      200: answer('The verdict', {
        type: 'object',
        properties: { valid: { type: 'boolean' }, pointer: text, message: text },
      }),
      404: problem('There is no schema of that type'),
    }),
  },
  '/api/schemas/{type}': {
    ...withNotFound(get('schemasOfType', 'The schemas of a type', ref('Schemas'), inPath('type'))),
    put: change('setSchemas', 'What its schemas do, and which version is current', [...inPath('type'), VERSION], {
      type: 'object',
      properties: { mode: { enum: ['off', 'warn', 'enforce'] }, current: text },
    }),
    delete: change('deleteSchemas', 'Deletes all schemas of a type', [...inPath('type'), VERSION]),
  },
  '/api/schemas/{type}/versions/{name}': {
    put: change(
      'saveSchema',
      'Saves a version; one that is there is not replaced',
      [...inPath('type', 'name'), VERSION],
      SCHEMA_BODY,
    ),
  },
};

const done = (operationId: string, summary: string, body?: Json): Json => ({
  ...change(operationId, summary, inPath('name'), body),
  responses: { 204: { description: 'It is done' }, 404: problem('There is no such thing') },
});

const WEBHOOK_PATHS: Json = {
  '/api/webhooks': get(
    'webhooks',
    'The endpoints, and how they fare',
    object({ version: number, endpoints: list(ref('Endpoint')) }),
  ),
  '/api/webhooks/{name}': {
    ...withNotFound(get('webhook', 'One endpoint', ref('Endpoint'), inPath('name'))),
    put: change('putWebhook', 'Puts an endpoint in force', [...inPath('name'), VERSION], ref('WrittenEndpoint')),
    delete: change('deleteWebhook', 'Deletes an endpoint; what waits for it stays', [...inPath('name'), VERSION]),
  },
  '/api/webhooks/{name}/on': { post: done('switchWebhookOn', 'Switches it on: what waited goes') },
  '/api/webhooks/{name}/off': { post: done('switchWebhookOff', 'Switches it off: it gets nothing more') },
  '/api/webhooks/{name}/rotate': {
    post: {
      ...change('rotateWebhook', 'Adds a secret; until the next time the one before signs too', inPath('name'), {
        type: 'object',
        properties: { secret: text },
      }),
      responses: {
        200: answer('The new secret, which is not shown again', object({ secret: text, version: number })),
        404: problem('There is no such endpoint in Redis'),
      },
    },
  },
  '/api/webhooks/{name}/attempts': withNotFound(
    get('webhookAttempts', 'Requests to it, newest first', object({ attempts: list(ref('Attempt')) }), [
      ...inPath('name'),
      query('limit', 'Most to give', { type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
    ]),
  ),
  '/api/webhooks/{name}/test': {
    post: {
      ...done('testWebhook', 'Sends it an event of our own'),
      responses: { 202: answer('It is on its way', object({ id: text })), 404: problem('There is no such endpoint') },
    },
  },
  '/api/webhooks/{name}/resend': {
    post: done('resendWebhook', 'Sends a retained event again, with the same webhook-id', {
      type: 'object',
      required: ['stream', 'position'],
      properties: { stream: text, position: text, partition: number },
    }),
  },
};

const PATHS: Json = {
  ...ROUTES,
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
