import type { Logger, WatchedFile } from '@millrace/host';
import { type Decider, parseRouteFile, type Route, type RouteStore, RouteTable } from '@millrace/routes';
import { INBOX, PeriodicTask } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import type { OnApplicationShutdown } from '@nestjs/common';

const LOOK_EVERY_MS = 1000;
const REGISTER_EVERY_MS = 10_000;

/** The routes of one moment, and which they are. */
export interface RoutesInForce {
  readonly table: RouteTable;
  readonly decider: Decider;
}

/**
 * The routes in force: those of the file and those in Redis, where a name is in both the file's. Looks for changes every
 * second; a change that is not valid leaves what was in force.
 */
export class Routes implements OnApplicationShutdown {
  private now: RoutesInForce = inForce([], 0);
  private fromFile: readonly Route[] = [];
  private fromRedis: readonly Route[] = [];
  /** Of the routes in Redis, as far as they were read. */
  private version: number | undefined;
  private registeredAt = Number.NEGATIVE_INFINITY;
  private readonly looking = new PeriodicTask(() => this.look(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.log.error(`keeping the last valid routes: ${error.message}`),
  });

  constructor(
    private readonly file: WatchedFile | undefined,
    private readonly store: RouteStore,
    private readonly transport: RedisTransport,
    private readonly log: Logger,
    /** The router's consumer group, which is told of beside the topics. */
    private readonly group: string,
  ) {}

  /** The same object until they change. */
  get current(): RoutesInForce {
    return this.now;
  }

  /** Reads the file, which has to be valid now, and begins to look for changes. Rejects in one sentence. */
  async start(): Promise<void> {
    await this.lookAtFile();
    await this.look();
    this.looking.start(LOOK_EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    return this.looking.stop();
  }

  private async look(): Promise<void> {
    await this.lookAtFile().catch((error: Error) => this.log.error(`keeping the last valid routes: ${error.message}`));
    try {
      await this.lookAtRedis();
      await this.register();
    } catch (error) {
      this.log.debug({ err: (error as Error).message }, 'cannot read routes from Redis; retrying');
    }
  }

  private async lookAtFile(): Promise<void> {
    const text = await this.file?.changed();
    if (text === undefined) return;
    this.fromFile = parseRouteFile(text, (this.file as WatchedFile).path);
    this.compile(`${this.fromFile.length} routes from the file`);
  }

  private async lookAtRedis(): Promise<void> {
    if (this.version === (await this.store.version())) return;
    const { version, routes, invalid } = await this.store.read();
    const isFirst = this.version === undefined;
    this.version = version;
    for (const error of invalid) this.log.error(error.message);
    if (isFirst && routes.length === 0 && version === 0) return;
    this.fromRedis = routes;
    this.compile(`${routes.length} routes from Redis, version ${version}`);
  }

  private compile(what: string): void {
    const inFile = new Set(this.fromFile.map(({ name }) => name));
    const hidden = this.fromRedis.filter(({ name }) => inFile.has(name));
    for (const { name } of hidden)
      this.log.warn(`route "${name}" is defined in ROUTES_FILE and in Redis; ROUTES_FILE takes precedence`);
    const routes = [...this.fromFile, ...this.fromRedis.filter(({ name }) => !inFile.has(name))];
    this.now = inForce(routes, this.version ?? 0);
    this.registeredAt = Number.NEGATIVE_INFINITY;
    this.log.info(what);
  }

  /** Tells the sinks which topics there are, and the console which routes. Again every ten seconds, should Redis have lost it. */
  private async register(): Promise<void> {
    if (performance.now() - this.registeredAt < REGISTER_EVERY_MS) return;
    await this.transport.registry.registerTopics(this.now.table.topics);
    await this.transport.registry.registerGroup({ group: this.group, hop: 'router', streams: [INBOX] });
    if (this.file !== undefined) await this.store.publishFile(this.fromFile);
    this.registeredAt = performance.now();
  }
}

const inForce = (routes: readonly Route[], version: number): RoutesInForce => {
  const table = new RouteTable(routes);
  return { table, decider: { version, digest: table.digest } };
};
