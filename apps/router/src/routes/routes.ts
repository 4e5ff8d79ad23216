import { type DefinitionFile, Follower, type InForce } from '@millrace/definitions';
import type { Logger } from '@millrace/host';
import { type Decider, type Route, type RouteStore, RouteTable, type WrittenRoute } from '@millrace/routes';
import { INBOX } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import type { OnApplicationShutdown } from '@nestjs/common';

const REGISTER_EVERY_MS = 10_000;

/** The routes of one moment, and which they are. */
export interface RoutesInForce {
  readonly table: RouteTable;
  readonly decider: Decider;
}

/** The live routes: those of the file and those in Redis, as they change. */
export class Routes implements OnApplicationShutdown {
  private now: RoutesInForce = routesOf([], 0);
  private fromFile: readonly Route[] = [];
  private registeredAt = Number.NEGATIVE_INFINITY;
  private readonly follower: Follower<Route, WrittenRoute>;

  constructor(
    private readonly file: DefinitionFile | undefined,
    private readonly store: RouteStore,
    private readonly transport: RedisTransport,
    log: Logger,
    /** The router's consumer group, which is reported beside the topics. */
    private readonly group: string,
  ) {
    this.follower = new Follower({
      store,
      file,
      log,
      onChange: (now) => this.use(now),
      onLooked: () => this.register(),
    });
  }

  /** The same object until they change. */
  get current(): RoutesInForce {
    return this.now;
  }

  /** Reads the file, which has to be valid now, and begins to look for changes. Rejects in one sentence. */
  start(): Promise<void> {
    return this.follower.start();
  }

  onApplicationShutdown(): void {
    void this.follower.stop();
  }

  private use({ definitions, fromFile, version = 0 }: InForce<Route>): void {
    this.now = routesOf(definitions, version);
    this.fromFile = fromFile;
    this.registeredAt = Number.NEGATIVE_INFINITY;
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

const routesOf = (routes: readonly Route[], version: number): RoutesInForce => {
  const table = new RouteTable(routes);
  return { table, decider: { version, digest: table.digest } };
};
