import { readFile, stat } from 'node:fs/promises';
import { parseRouteFile, type Route, RouteError } from '@millrace/routes';

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
