import type { RedisTransport } from '@millrace/streams/redis';
import { parseRoute, type Route, RouteError } from './route.js';

/** Routes in Redis: a hash of name and JSON, and a counter that goes up with each change. */
export class StoredRoutes {
  private version: string | null | undefined;
  private readonly redis;

  constructor(private readonly transport: RedisTransport) {
    this.redis = transport.connect('routes');
  }

  /** The routes if they changed since the last call, else undefined. What is not valid is told of and left out. */
  async changed(onInvalid: (error: RouteError) => void): Promise<Route[] | undefined> {
    const version = await this.redis.get(this.transport.keys.control('routes:version'));
    if (version === this.version) return undefined;
    const stored = await this.redis.hgetall(this.transport.keys.control('routes'));
    const routes = Object.entries(stored).flatMap(([name, json]) => {
      try {
        return [parseRoute({ ...(JSON.parse(json) as object), name }, `stored route "${name}"`)];
      } catch (error) {
        onInvalid(error instanceof RouteError ? error : new RouteError(`stored route "${name}": not JSON`));
        return [];
      }
    });
    this.version = version;
    return routes;
  }
}
