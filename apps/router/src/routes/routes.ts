import type { Logger } from '@millrace/host';
import { INBOX } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import { type Route, RouteError } from './route.js';
import type { RouteFile } from './route-file.js';
import { RouteTable } from './route-table.js';
import type { StoredRoutes } from './stored-routes.js';

const LOOK_EVERY_MS = 1000;
const REGISTER_EVERY_MS = 10_000;

/**
 * The routes in force: those of the file and those in Redis, where a name is in both the file's. Looks for changes every
 * second; a change that is not valid leaves what was in force.
 */
export class Routes {
  private current = new RouteTable([]);
  private fromFile: readonly Route[] = [];
  private fromRedis: readonly Route[] = [];
  private registeredAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: RouteFile | undefined,
    private readonly stored: StoredRoutes,
    private readonly transport: RedisTransport,
    private readonly log: Logger,
    /** The router's consumer group, which is told of beside the topics. */
    private readonly group: string,
  ) {}

  get table(): RouteTable {
    return this.current;
  }

  /** Reads the file, which has to be valid now, and begins to look for changes. Throws a `RouteError`. */
  async start(): Promise<void> {
    await this.lookAtFile();
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    await this.lookAtFile().catch((error: Error) => this.log.error(`routes stay as they were: ${error.message}`));
    try {
      await this.lookAtRedis();
      await this.register();
    } catch (error) {
      this.log.debug({ err: (error as Error).message }, 'cannot ask Redis for routes; asking again');
    }
  }

  private async lookAtFile(): Promise<void> {
    const routes = await this.file?.changed();
    if (routes === undefined) return;
    this.fromFile = routes;
    this.compile(`${routes.length} routes from the file`);
  }

  private async lookAtRedis(): Promise<void> {
    const routes = await this.stored.changed((error) => this.log.error(error.message));
    if (routes === undefined || (routes.length === 0 && this.fromRedis.length === 0)) return;
    this.fromRedis = routes;
    this.compile(`${routes.length} routes from Redis`);
  }

  private compile(what: string): void {
    const inFile = new Set(this.fromFile.map(({ name }) => name));
    const hidden = this.fromRedis.filter(({ name }) => inFile.has(name));
    for (const { name } of hidden) this.log.warn(`route "${name}" is in the file and in Redis: the file's is in force`);
    this.current = new RouteTable([...this.fromFile, ...this.fromRedis.filter(({ name }) => !inFile.has(name))]);
    this.registeredAt = 0;
    this.log.info(what);
  }

  /** Tells the sinks which topics there are. Again every ten seconds, should Redis have lost it. */
  private async register(): Promise<void> {
    if (Date.now() - this.registeredAt < REGISTER_EVERY_MS) return;
    await this.transport.registry.registerTopics(this.current.topics);
    await this.transport.registry.registerGroup({ group: this.group, hop: 'router', streams: [INBOX] });
    this.registeredAt = Date.now();
  }
}

export { RouteError };
