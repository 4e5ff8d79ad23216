import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AtVersion, RouteList } from '@millrace/admin-api';
import { parseFile } from '@millrace/definitions';
import { ROUTES } from '@millrace/routes';
import { waitFor } from '@millrace/testkit';

const FILE = fileURLToPath(new URL('../../routes.yaml', import.meta.url));

/** Where the routes go, and who has to know them. */
interface Places {
  readonly consoleUrl: string;
  readonly routerUrl: string;
  readonly apiKey?: string | undefined;
}

/**
 * Puts the routes of `routes.yaml` into a Redis that has none, as anybody would, so that they can be changed on the page;
 * resolves when the router goes by them. Routes that are there already are left alone.
 */
export const putFirstRoutes = async ({ consoleUrl, routerUrl, apiKey }: Places): Promise<void> => {
  const headers = { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }) };
  const ask = async <T>(method: string, body?: object): Promise<T> => {
    const answer = await fetch(`${consoleUrl}/api/routes`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`the console refuses the routes: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { version, routes } = await ask<RouteList>('GET');
  if (version > 0 || routes.length > 0) return;
  const written = parseFile(ROUTES, await readFile(FILE, 'utf8'), FILE).map((route) => route.written);
  const put = await ask<AtVersion>('POST', { routes: written });
  await waitFor(async () => (await versionInForce(routerUrl)) >= put.version, {
    what: 'the router to have its routes',
  });
};

/** Version of the stored routes by which a router decides. */
export const versionInForce = async (routerUrl: string): Promise<number> => {
  const metrics = await (await fetch(`${routerUrl}/metrics`)).text();
  return Number(/^millrace_routes_version(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1] ?? -1);
};
