import { answer, change, get, inPath, post, problem, query, VERSION, withNotFound } from '../openapi/operation.js';
import { type Json, list, number, object, ref, text } from '../openapi/schema.js';

/** The paths of routes in the OpenAPI document. */
export const ROUTE_PATHS: Json = {
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
        'What a draft would do, over the newest events or over live traffic; takes the role `operate`, for it runs a program',
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
