import { EndpointStates } from '@millrace/endpoints';
import type { RedisTransport } from '@millrace/streams/redis';

/** How soon an order is seen, about: every look costs an idle process a command. */
const TURN_EVERY_MS = 1900;
/** Should what counts orders be lost: they are read again after this time at the latest. */
const ORDERS_EVERY_MS = 30_000;

/** What people ask of endpoints while processes run: which are disabled, and which are to be tried at once. */
export class Orders {
  /** Names of those that are disabled, wherever they are written. */
  off: ReadonlySet<string> = new Set();
  private readonly states: EndpointStates;
  private readonly untold = new Set<string>();
  private retries: ReadonlyMap<string, number> | undefined;
  private turn: number | undefined;
  private turnReadAt = Number.NEGATIVE_INFINITY;
  private ordersReadAt = Number.NEGATIVE_INFINITY;

  constructor(transport: RedisTransport) {
    this.states = new EndpointStates(transport);
  }

  /** Names of those that somebody asked to be tried at once since this was asked last. */
  takeRetries(): ReadonlySet<string> {
    const taken = new Set(this.untold);
    this.untold.clear();
    return taken;
  }

  /** Reads them, and says whether they changed. Rejects with `Unavailable`. */
  async read(): Promise<boolean> {
    const now = performance.now();
    if (now - this.turnReadAt < TURN_EVERY_MS) return false;
    const turn = await this.states.turn();
    this.turnReadAt = now;
    if (turn === this.turn && now - this.ordersReadAt < ORDERS_EVERY_MS) return false;
    const { off, retries } = await this.states.orders();
    this.turn = turn;
    this.ordersReadAt = now;
    const isSwitched = !isSame(off, this.off);
    this.off = off;
    // What was asked before this process began is done: it knows nothing against any endpoint.
    const before = this.retries ?? retries;
    for (const [name, at] of retries) if (before.get(name) !== at) this.untold.add(name);
    this.retries = retries;
    return isSwitched || this.untold.size > 0;
  }
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((name) => other.has(name));
