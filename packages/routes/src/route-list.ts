import { parseRoute, type Route, RouteError } from './route.js';

/** Fields of all alternatives of all routes together: the index of a router holds each. */
const MOST_FIELDS = 250_000;

/** Routes of their written forms, no two of one name. Throws a `RouteError`. */
export const parseRoutes = (written: readonly unknown[], where: (i: number) => string, at = ''): Route[] => {
  const routes = written.map((one, i) => parseRoute(one, where(i)));
  const names = new Set<string>();
  for (const { name } of routes) {
    if (names.has(name)) throw new RouteError(`${at}there are two routes named "${name}"`);
    names.add(name);
  }
  return routes;
};

/** Throws a `RouteError` where the patterns of routes expand to more than a router should hold. */
export const checkSize = (routes: readonly Route[], what: string): void => {
  const fields = routes.reduce((sum, { pattern }) => sum + pattern.size, 0);
  if (fields <= MOST_FIELDS) return;
  const { name } = routes.reduce((a, b) => (b.pattern.size > a.pattern.size ? b : a));
  throw new RouteError(
    `${what}: the patterns have ${fields} fields in all their alternatives; all together take at most ${MOST_FIELDS}, and "${name}" has the most`,
  );
};
