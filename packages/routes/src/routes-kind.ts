import type { Kind } from '@millrace/definitions';
import { parseRoute, type Route, RouteError, type WrittenRoute } from './route.js';

/** Fields of all alternatives of all routes together: the index of a router holds each. */
const MOST_FIELDS = 250_000;

/** Routes: the router follows them. */
export const ROUTES: Kind<Route, WrittenRoute> = {
  name: 'routes',
  noun: 'route',
  key: 'name',
  code: 'bad-route',
  file: 'ROUTES_FILE',
  aloneInFile: true,
  keepsLast: true,
  rollsBack: true,
  parse: (written, { source, place }) => parseRoute(written, `${source}: ${place}`),
  checkTogether: (routes, what) => {
    const fields = routes.reduce((sum, { pattern }) => sum + pattern.size, 0);
    if (fields <= MOST_FIELDS) return;
    const { name } = routes.reduce((a, b) => (b.pattern.size > a.pattern.size ? b : a));
    throw new RouteError(
      `${what}: the patterns have ${fields} fields in all their alternatives; the limit is ${MOST_FIELDS}, and "${name}" has the most`,
    );
  },
  blank: (text) => ({ pattern: text, topics: [] }),
};
