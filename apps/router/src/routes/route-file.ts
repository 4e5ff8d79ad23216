import { readFile, stat } from 'node:fs/promises';
import { parse, YAMLParseError } from 'yaml';
import { parseRoute, type Route, RouteError } from './route.js';

/** The routes of a YAML text: `routes:` and a list. Throws a `RouteError`. */
export const parseRouteFile = (text: string, file: string): Route[] => {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new RouteError(`${file}: ${error.message.split('\n')[0]}`);
    throw error;
  }
  const written = (document as { routes?: unknown } | null)?.routes;
  if (!Array.isArray(written)) throw new RouteError(`${file}: a file of routes has a list under "routes"`);
  const routes = written.map((one, i) => parseRoute(one, `${file}: route ${i + 1}`));
  const names = new Set<string>();
  for (const { name } of routes) {
    if (names.has(name)) throw new RouteError(`${file}: there are two routes named "${name}"`);
    names.add(name);
  }
  return routes;
};

/** A file of routes, and whether it changed since it was read. */
export class RouteFile {
  private version = '';

  constructor(private readonly path: string) {}

  /** The routes if the file changed since the last call, else undefined. Throws a `RouteError`, once for each change. */
  async changed(): Promise<Route[] | undefined> {
    const version = await this.look();
    if (version === this.version) return undefined;
    this.version = version;
    return parseRouteFile(await readFile(this.path, 'utf8'), this.path);
  }

  private async look(): Promise<string> {
    try {
      const { mtimeMs, size, ino } = await stat(this.path);
      return `${mtimeMs}/${size}/${ino}`;
    } catch (error) {
      throw new RouteError(`${this.path}: cannot be read: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
}
