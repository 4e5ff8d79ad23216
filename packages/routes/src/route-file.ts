import { parseYaml } from '@millrace/json/yaml';
import { type Route, RouteError } from './route.js';
import { checkSize, parseRoutes } from './route-list.js';

/** The routes of a YAML text: `routes:` and a list, or one route as it is shown. Throws a `RouteError`. */
export const parseRouteFile = (text: string, file: string): Route[] => {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    throw new RouteError(`${file}: ${(error as Error).message}`);
  }
  const { routes: list, name } = (document ?? {}) as { routes?: unknown; name?: unknown };
  const written = list === undefined && name !== undefined ? [document] : list;
  if (!Array.isArray(written)) {
    throw new RouteError(`${file}: a file of routes has a list under "routes", or is one route with its name`);
  }
  const routes = parseRoutes(written, (i) => `${file}: route ${i + 1}`, `${file}: `);
  checkSize(routes, file);
  return routes;
};
