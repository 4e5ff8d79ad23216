import { type Endpoint, type EndpointError, EndpointStates, EndpointStore } from '@millrace/endpoints';
import type { RedisTransport } from '@millrace/streams/redis';

/** How soon an order is seen, about: every look costs an idle process a command. */
const TURN_EVERY_MS = 1900;
/** Should what counts orders be lost: they are read again after this time at the latest. */
const ORDERS_EVERY_MS = 30_000;

/** What Redis says of endpoints. */
export interface Stored {
  readonly endpoints: readonly Endpoint[];
  /** Names of those that are disabled, wherever they are written. */
  readonly off: ReadonlySet<string>;
  /** Names of those that somebody asked to be tried at once since the last look. */
  readonly retry: ReadonlySet<string>;
}

/** The endpoints in Redis, which are disabled, and which are to be tried at once. */
export class StoredEndpoints {
  private readonly store: EndpointStore;
  private readonly states: EndpointStates;
  private version: number | undefined;
  /** The endpoints were read and nobody was told of them yet: Redis failed in between. */
  private isUntold = false;
  private known = new Map<string, Endpoint>();
  private off: ReadonlySet<string> = new Set();
  private retries: ReadonlyMap<string, number> | undefined;
  private turn: number | undefined;
  private turnReadAt = Number.NEGATIVE_INFINITY;
  private ordersReadAt = Number.NEGATIVE_INFINITY;

  constructor(transport: RedisTransport) {
    this.store = new EndpointStore(transport);
    this.states = new EndpointStates(transport);
  }

  /**
   * What changed since the last call, else undefined. An endpoint that is not valid is told of, and stays as it was
   * before. Rejects with `Unavailable`.
   */
  async changed(onInvalid: (error: EndpointError) => void): Promise<Stored | undefined> {
    if (await this.readEndpoints(onInvalid)) this.isUntold = true;
    const { isSwitched, retry } = await this.readOrders();
    if (!this.isUntold && !isSwitched && retry.size === 0) return undefined;
    this.isUntold = false;
    return { endpoints: [...this.known.values()], off: this.off, retry };
  }

  private async readEndpoints(onInvalid: (error: EndpointError) => void): Promise<boolean> {
    if ((await this.store.version()) === this.version) return false;
    const { version, endpoints, invalid } = await this.store.read();
    const known = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
    for (const { name, error } of invalid) {
      onInvalid(error);
      const before = this.known.get(name);
      if (before !== undefined) known.set(name, before);
    }
    this.known = known;
    this.version = version;
    return true;
  }

  private async readOrders(): Promise<{ isSwitched: boolean; retry: ReadonlySet<string> }> {
    const now = performance.now();
    if (now - this.turnReadAt < TURN_EVERY_MS) return NOTHING;
    const turn = await this.states.turn();
    this.turnReadAt = now;
    if (turn === this.turn && now - this.ordersReadAt < ORDERS_EVERY_MS) return NOTHING;
    const { off, retries } = await this.states.orders();
    this.turn = turn;
    this.ordersReadAt = now;
    const isSwitched = !isSame(off, this.off);
    this.off = off;
    const before = this.retries;
    this.retries = retries;
    // What was asked before this process began is done: it knows nothing against any endpoint.
    if (before === undefined) return { isSwitched, retry: new Set() };
    return {
      isSwitched,
      retry: new Set([...retries].flatMap(([name, at]) => (before.get(name) === at ? [] : [name]))),
    };
  }
}

const NOTHING = { isSwitched: false, retry: new Set<string>() };

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((name) => other.has(name));
