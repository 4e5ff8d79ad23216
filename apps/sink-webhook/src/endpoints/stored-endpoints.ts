import { type Endpoint, type EndpointError, EndpointStates, EndpointStore } from '@millrace/endpoints';
import type { RedisTransport } from '@millrace/streams/redis';

/** Who switches an endpoint off knows it at once; the others within this time. */
const STATES_EVERY_MS = 5000;

/** What Redis says of endpoints. */
export interface Stored {
  readonly endpoints: readonly Endpoint[];
  /** Names of those that are switched off, wherever they are written. */
  readonly off: ReadonlySet<string>;
}

/** The endpoints in Redis, and which are switched off. */
export class StoredEndpoints {
  private readonly store: EndpointStore;
  private readonly states: EndpointStates;
  private version: number | undefined;
  private known = new Map<string, Endpoint>();
  private off = new Set<string>();
  private statesReadAt = Number.NEGATIVE_INFINITY;

  constructor(transport: RedisTransport) {
    this.store = new EndpointStore(transport);
    this.states = new EndpointStates(transport);
  }

  /**
   * What changed since the last call, else undefined. An endpoint that is not valid is told of, and stays as it was
   * before. Rejects with `Unavailable`.
   */
  async changed(onInvalid: (error: EndpointError) => void): Promise<Stored | undefined> {
    const [isNew, isSwitched] = [await this.readEndpoints(onInvalid), await this.readStates()];
    return isNew || isSwitched ? { endpoints: [...this.known.values()], off: this.off } : undefined;
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

  private async readStates(): Promise<boolean> {
    if (performance.now() - this.statesReadAt < STATES_EVERY_MS) return false;
    this.statesReadAt = performance.now();
    const off = new Set<string>();
    for (const [name, { offAt }] of await this.states.all()) if (offAt !== undefined) off.add(name);
    if (off.size === this.off.size && [...off].every((name) => this.off.has(name))) return false;
    this.off = off;
    return true;
  }
}
