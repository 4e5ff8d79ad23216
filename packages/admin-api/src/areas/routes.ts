import {
  answer,
  change,
  get,
  getOne,
  HistoryQuery,
  inPath,
  inQuery,
  LIST,
  NEXT,
  nothing,
  operation,
  problem,
  VERSION,
} from '../operation.js';
import {
  anyObject,
  anything,
  closed,
  described,
  either,
  type Json,
  judged,
  list,
  ms,
  named,
  number,
  object,
  oneOf,
  orNull,
  real,
  record,
  type Shape,
  text,
  whole,
  yes,
} from '../schema.js';

const ROUTE = {
  pattern: described(either(anyObject, text), 'An EventBridge pattern over the whole event, or its JSON'),
  filters: described(
    either(list(anyObject), anyObject),
    'Instead of a pattern: filters of the CloudEvents Subscriptions API',
  ),
  priority: {
    type: 'integer',
    default: 100,
    description: 'The route with the lower number runs first if several name a topic',
  } as ReturnType<typeof whole>,
  transform: described(text, 'JSONata; the members of its result are set in the copies'),
};
const TOPICS = { topics: either(list(text), text) };

/** A route as it is written. */
export const Route = named('Route', closed(object({ name: text, ...TOPICS }, ROUTE)));
export type Route = Shape<typeof Route>;

/** A route whose name is in the address. */
const RouteBody = judged(closed(object(TOPICS, { name: text, ...ROUTE })));

const ROUTE_VIEW = {
  route: Route,
  origin: oneOf('file', 'redis'),
  isHidden: described(yes, 'Overridden by a route of ROUTES_FILE with the same name'),
};

/** A route, and where it is from. */
export const RouteView = named('RouteView', object(ROUTE_VIEW, { draft: Route }));
export type RouteView = Shape<typeof RouteView>;

/** All that there is. */
export const RouteList = object({
  version: number,
  routes: list(RouteView),
  drafts: list(Route),
  invalid: described(list(text), 'Stored routes that are invalid, each a sentence'),
  ...NEXT,
});
export type RouteList = Shape<typeof RouteList>;

export const RouteChange = named('RouteChange', object({ name: text, before: orNull(Route), after: orNull(Route) }));
export type RouteChange = Shape<typeof RouteChange>;

/** One version, as the history has it. */
export const RouteVersion = named(
  'RouteVersion',
  object({ version: number, at: ms, who: text, action: text, changes: list(RouteChange) }),
);
export type RouteVersion = Shape<typeof RouteVersion>;

export const RouteHistory = object({ changes: list(RouteVersion), ...NEXT });
export type RouteHistory = Shape<typeof RouteHistory>;

export const RouteDiff = object({ from: number, to: number, changes: list(RouteChange) });
export type RouteDiff = Shape<typeof RouteDiff>;

const LEAF = {
  path: text,
  accepts: text,
  passed: yes,
  seen: described(list(anything), 'The first values found, shortened'),
};

/** A test of a pattern, and how it went. */
export const Leaf = named('Leaf', object(LEAF));
export type Leaf = Shape<typeof Leaf>;

/** Why a pattern matches an event, or does not. */
export const Explanation = named(
  'Explanation',
  object(
    {
      matched: yes,
      alternatives: list(object({ matched: yes, leaves: list(Leaf), inDifferentElements: yes })),
    },
    { leftOut: described(number, 'Alternatives not listed') },
  ),
);
export type Explanation = Shape<typeof Explanation>;

export const PatternVerdict = object({ result: yes, why: Explanation });
export type PatternVerdict = Shape<typeof PatternVerdict>;

/** What a draft would do. */
export const ShadowReport = named(
  'ShadowReport',
  object(
    {
      events: number,
      matched: described(number, 'Events that the pattern of the draft matches'),
      inForce: described(record(number), 'Copies by topic'),
      withDraft: record(number),
      different: number,
      differences: list(object({ position: text, partition: number, type: text, less: list(text), more: list(text) })),
      microseconds: object({ inForce: real, withDraft: real }),
      undecodable: number,
      undecided: described(number, 'Events whose matching exceeds the step limit'),
      complete: described(yes, 'False if it stopped early because matching exceeded the step limit in total'),
    },
    {
      transform: described(
        object({ tried: number, failed: number, errors: list(text) }),
        'If the draft has a transform',
      ),
    },
  ),
);
export type ShadowReport = Shape<typeof ShadowReport>;

const ObjectOrJson = described(either(anyObject, text), 'An object, or its JSON as text');

/** A pattern and an event to try it with. Text shows what an object cannot, as duplicate keys and long numbers. */
export const PatternTest = closed(object({ pattern: ObjectOrJson, event: ObjectOrJson }));
export type PatternTest = Shape<typeof PatternTest>;

export const WrittenRoutes = closed(
  object(
    { routes: list(judged(Route), { maxItems: 10_000 }) },
    { version: described(number, 'Expected current version; 409 if it differs') },
  ),
);
export type WrittenRoutes = Shape<typeof WrittenRoutes>;

/** To which version everything goes back. */
export const Rollback = closed(object({ to: number }));
export type Rollback = Shape<typeof Rollback>;

export const DiffQuery = object(
  { from: described(number, 'The older version') },
  { to: described(number, 'The newer version; without it, the live one') },
);
export type DiffQuery = Shape<typeof DiffQuery>;

/** What a draft is tried with. */
export const ShadowOrder = closed(
  object(
    {},
    {
      last: whole(1, 100_000, { description: 'Number of newest retained events to examine; 500 without it' }),
      seconds: whole(1, 60, { description: 'Instead: seconds of live traffic to examine' }),
      route: described(RouteBody, 'A route to preview instead of the draft'),
    },
  ),
);
export type ShadowOrder = Shape<typeof ShadowOrder>;

export const ROUTE_PATHS: Json = {
  '/api/routes': {
    get: get('routes', 'All routes, of ROUTES_FILE and of Redis', RouteList, LIST),
    post: change('putRoutes', 'Publishes several routes as one version', [], WrittenRoutes),
  },
  '/api/routes/test': {
    post: operation('testPattern', 'Whether a pattern matches an event, and why', {
      body: PatternTest,
      answers: {
        200: answer('The verdict', PatternVerdict),
        422: problem('The pattern or the event is invalid: says where'),
      },
    }),
  },
  '/api/routes/history': {
    get: get('routesHistory', 'Changes, newest first', RouteHistory, inQuery(HistoryQuery)),
  },
  '/api/routes/diff': {
    get: operation('routesDiff', 'What changed between two versions', {
      parameters: inQuery(DiffQuery),
      answers: {
        200: answer('The changes', RouteDiff),
        409: problem('The version does not exist or is no longer retained'),
      },
    }),
  },
  '/api/routes/rollback': {
    post: change('rollbackRoutes', 'Rolls all routes back to a version', [], Rollback),
  },
  '/api/routes/{name}': {
    get: getOne('route', 'One route, and its draft', RouteView, inPath('name')),
    put: change('putRoute', 'Publishes a route', [...inPath('name'), ...VERSION], RouteBody),
    delete: change('deleteRoute', 'Deletes a route', [...inPath('name'), ...VERSION]),
  },
  '/api/routes/{name}/draft': {
    get: getOne('draft', 'Changes of a draft against the live route', RouteChange, inPath('name')),
    put: operation('putDraft', 'Saves a draft, which is not live', {
      parameters: inPath('name'),
      body: RouteBody,
      answers: {
        200: answer('The changes against the live route', RouteChange),
        422: problem('Invalid route: says what is wrong, where, and what is expected'),
      },
    }),
    delete: operation('dropDraft', 'Deletes a draft', {
      parameters: inPath('name'),
      answers: { 204: nothing('Deleted'), 404: problem('Draft not found') },
    }),
  },
  '/api/routes/{name}/promote': {
    post: change('promoteDraft', 'Publishes a draft', [...inPath('name'), ...VERSION]),
  },
  '/api/routes/{name}/shadow': {
    post: operation(
      'shadow',
      'Preview of the impact of a draft, on the newest events or on live traffic; requires the role `operate`, as it runs a program',
      {
        parameters: inPath('name'),
        body: ShadowOrder,
        answers: {
          200: answer('The report', ShadowReport),
          404: problem('Draft not found'),
          422: problem('Invalid route: says what is wrong, where, and what is expected'),
        },
      },
    ),
  },
};
