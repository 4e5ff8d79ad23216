import * as op from '../operation.js';
import * as s from '../schema.js';

const ROUTE = {
  pattern: s.described(s.either(s.anyObject, s.text), 'An EventBridge pattern over the whole event, or its JSON'),
  filters: s.described(
    s.either(s.list(s.anyObject), s.anyObject),
    'Instead of a pattern: filters of the CloudEvents Subscriptions API',
  ),
  priority: {
    type: 'integer',
    default: 100,
    description: 'The route with the lower number runs first if several name a topic',
  } as ReturnType<typeof s.whole>,
  transform: s.described(s.text, 'JSONata; the members of its result are set in the copies'),
};
const TOPICS = { topics: s.either(s.list(s.text), s.text) };

/** A route as it is written. */
export const Route = s.named('Route', s.closed({ name: s.text, ...TOPICS }, ROUTE));
export type Route = s.Shape<typeof Route>;

/** A route whose name is in the address. */
const RouteBody = s.judged(s.closed(TOPICS, { name: s.text, ...ROUTE }));

const ROUTE_VIEW = {
  route: Route,
  origin: s.oneOf('file', 'redis'),
  isHidden: s.described(s.yes, 'Overridden by a route of ROUTES_FILE with the same name'),
};

/** A route, and where it is from. */
export const RouteView = s.model('RouteView', ROUTE_VIEW, { draft: Route });
export type RouteView = s.Shape<typeof RouteView>;

/** All that there is. */
export const RouteList = s.object({
  version: s.number,
  routes: s.list(RouteView),
  drafts: s.list(Route),
  invalid: s.described(s.list(s.text), 'Stored routes that are invalid, each a sentence'),
  ...op.NEXT,
});
export type RouteList = s.Shape<typeof RouteList>;

export const RouteChange = s.model('RouteChange', { name: s.text, before: s.orNull(Route), after: s.orNull(Route) });
export type RouteChange = s.Shape<typeof RouteChange>;

/** One version, as the history has it. */
export const RouteVersion = s.model('RouteVersion', {
  version: s.number,
  at: s.ms,
  who: s.text,
  action: s.text,
  changes: s.list(RouteChange),
});
export type RouteVersion = s.Shape<typeof RouteVersion>;

export const RouteHistory = s.object({ changes: s.list(RouteVersion), ...op.NEXT });
export type RouteHistory = s.Shape<typeof RouteHistory>;

export const RouteDiff = s.object({ from: s.number, to: s.number, changes: s.list(RouteChange) });
export type RouteDiff = s.Shape<typeof RouteDiff>;

const LEAF = {
  path: s.text,
  accepts: s.text,
  passed: s.yes,
  seen: s.described(s.list(s.anything), 'The first values found, shortened'),
};

/** A test of a pattern, and how it went. */
export const Leaf = s.model('Leaf', LEAF);
export type Leaf = s.Shape<typeof Leaf>;

/** Why a pattern matches an event, or does not. */
export const Explanation = s.model(
  'Explanation',
  {
    matched: s.yes,
    alternatives: s.list(s.object({ matched: s.yes, leaves: s.list(Leaf), inDifferentElements: s.yes })),
  },
  { leftOut: s.described(s.number, 'Alternatives not listed') },
);
export type Explanation = s.Shape<typeof Explanation>;

export const PatternVerdict = s.object({ result: s.yes, why: Explanation });
export type PatternVerdict = s.Shape<typeof PatternVerdict>;

/** What a draft would do. */
export const ShadowReport = s.model(
  'ShadowReport',
  {
    events: s.number,
    matched: s.described(s.number, 'Events that the pattern of the draft matches'),
    inForce: s.described(s.record(s.number), 'Copies by topic'),
    withDraft: s.record(s.number),
    different: s.number,
    differences: s.list(
      s.object({ position: s.text, partition: s.number, type: s.text, less: s.list(s.text), more: s.list(s.text) }),
    ),
    microseconds: s.object({ inForce: s.real, withDraft: s.real }),
    undecodable: s.number,
    undecided: s.described(s.number, 'Events whose matching exceeds the step limit'),
    complete: s.described(s.yes, 'False if it stopped early because matching exceeded the step limit in total'),
  },
  {
    transform: s.described(
      s.object({ tried: s.number, failed: s.number, errors: s.list(s.text) }),
      'If the draft has a transform',
    ),
  },
);
export type ShadowReport = s.Shape<typeof ShadowReport>;

const ObjectOrJson = s.described(s.either(s.anyObject, s.text), 'An object, or its JSON as text');

/** A pattern and an event to try it with. Text shows what an object cannot, as duplicate keys and long numbers. */
export const PatternTest = s.closed({ pattern: ObjectOrJson, event: ObjectOrJson });
export type PatternTest = s.Shape<typeof PatternTest>;

export const WrittenRoutes = s.closed(
  { routes: s.list(s.judged(Route), { maxItems: 10_000 }) },
  { version: s.described(s.number, 'Expected current version; 409 if it differs') },
);
export type WrittenRoutes = s.Shape<typeof WrittenRoutes>;

/** To which version everything goes back. */
export const Rollback = s.closed({ to: s.number });
export type Rollback = s.Shape<typeof Rollback>;

export const DiffQuery = s.object(
  { from: s.described(s.number, 'The older version') },
  { to: s.described(s.number, 'The newer version; without it, the live one') },
);
export type DiffQuery = s.Shape<typeof DiffQuery>;

/** What a draft is tried with. */
export const ShadowOrder = s.closed(
  {},
  {
    last: s.whole(1, 100_000, { description: 'Number of newest retained events to examine; 500 without it' }),
    seconds: s.whole(1, 60, { description: 'Instead: seconds of live traffic to examine' }),
    route: s.described(RouteBody, 'A route to preview instead of the draft'),
  },
);
export type ShadowOrder = s.Shape<typeof ShadowOrder>;

export const ROUTE_PATHS: s.Json = {
  '/api/routes': {
    get: op.get('routes', 'All routes, of ROUTES_FILE and of Redis', RouteList, op.LIST),
    post: op.change('putRoutes', 'Publishes several routes as one version', [], WrittenRoutes),
  },
  '/api/routes/test': {
    post: op.operation('testPattern', 'Whether a pattern matches an event, and why', {
      body: PatternTest,
      answers: {
        200: op.answer('The verdict', PatternVerdict),
        422: op.problem('The pattern or the event is invalid: says where'),
      },
    }),
  },
  '/api/routes/history': {
    get: op.get('routesHistory', 'Changes, newest first', RouteHistory, op.inQuery(op.HistoryQuery)),
  },
  '/api/routes/diff': {
    get: op.operation('routesDiff', 'What changed between two versions', {
      parameters: op.inQuery(DiffQuery),
      answers: {
        200: op.answer('The changes', RouteDiff),
        409: op.problem('The version does not exist or is no longer retained'),
      },
    }),
  },
  '/api/routes/rollback': {
    post: op.change('rollbackRoutes', 'Rolls all routes back to a version', [], Rollback),
  },
  '/api/routes/{name}': {
    get: op.getOne('route', 'One route, and its draft', RouteView, op.inPath('name')),
    put: op.change('putRoute', 'Publishes a route', [...op.inPath('name'), ...op.VERSION], RouteBody),
    delete: op.change('deleteRoute', 'Deletes a route', [...op.inPath('name'), ...op.VERSION]),
  },
  '/api/routes/{name}/draft': {
    get: op.getOne('draft', 'Changes of a draft against the live route', RouteChange, op.inPath('name')),
    put: op.operation('putDraft', 'Saves a draft, which is not live', {
      parameters: op.inPath('name'),
      body: RouteBody,
      answers: {
        200: op.answer('The changes against the live route', RouteChange),
        422: op.problem('Invalid route: says what is wrong, where, and what is expected'),
      },
    }),
    delete: op.operation('dropDraft', 'Deletes a draft', {
      parameters: op.inPath('name'),
      answers: { 204: op.nothing('Deleted'), 404: op.problem('Draft not found') },
    }),
  },
  '/api/routes/{name}/promote': {
    post: op.change('promoteDraft', 'Publishes a draft', [...op.inPath('name'), ...op.VERSION]),
  },
  '/api/routes/{name}/shadow': {
    post: op.operation(
      'shadow',
      'Preview of the impact of a draft, on the newest events or on live traffic; requires the role `operate`, as it runs a program',
      {
        parameters: op.inPath('name'),
        body: ShadowOrder,
        answers: {
          200: op.answer('The report', ShadowReport),
          404: op.problem('Draft not found'),
          422: op.problem('Invalid route: says what is wrong, where, and what is expected'),
        },
      },
    ),
  },
};
