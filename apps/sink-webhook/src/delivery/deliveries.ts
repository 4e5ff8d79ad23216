import { type Endpoint, type EndpointAbout, groupOf, streamOf } from '@millrace/endpoints';
import type { Logger } from '@millrace/host';
import { PeriodicTask } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import type { EndpointTable } from '../endpoints/endpoint-table.js';
import type { EndpointDelivery } from './endpoint-delivery.js';

const REGISTER_EVERY_MS = 10_000;

/** How deliveries are made and registered. */
export interface DeliveriesOptions {
  readonly hop: string;
  /** Whether the order of each key is kept. */
  readonly isOrdered: boolean;
  readonly make: (endpoint: Endpoint) => EndpointDelivery;
  /** Told when an endpoint is gone. */
  readonly onGone: (endpoint: string) => void;
  /** The last word of a stop. */
  readonly onStopped: () => Promise<void>;
  /** How long a stop waits for answers, in milliseconds. */
  readonly graceMs: number;
}

interface Running {
  readonly fingerprint: string;
  readonly about: EndpointAbout;
  readonly delivery: EndpointDelivery;
}

/** One delivery for each live endpoint. A change of an endpoint replaces its delivery and no other. */
export class Deliveries {
  private readonly running = new Map<string, Running>();
  /** Those that still finish what they have in flight. */
  private readonly leaving = new Map<string, Promise<void>>();
  private readonly registering = new PeriodicTask(() => this.registerAll(), {
    everyMs: REGISTER_EVERY_MS,
    onError: (error) => this.log.error({ err: error }, 'cannot register consumer groups; retrying'),
  });
  private stopped = false;

  constructor(
    private readonly transport: RedisTransport,
    private readonly log: Logger,
    private readonly options: DeliveriesOptions,
  ) {}

  /**
   * Starts, replaces and stops deliveries until they are those of the table. Those to be tried again at once are replaced
   * too: a new one knows nothing against its endpoint.
   */
  follow(table: EndpointTable, retry: ReadonlySet<string>): void {
    if (this.stopped) return;
    for (const name of retry) this.leave(name);
    const { endpoints } = table;
    const names = new Set(endpoints.map(({ name }) => name));
    for (const name of this.running.keys()) if (!names.has(name)) this.remove(name);
    for (const endpoint of endpoints) this.ensure(endpoint, table.aboutOf(endpoint));
    this.registering.start();
  }

  /** Resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const name of [...this.running.keys()]) this.leave(name);
    void this.registering.stop();
    await Promise.all(this.leaving.values());
    await this.options.onStopped();
  }

  private ensure(endpoint: Endpoint, about: EndpointAbout): void {
    const { name } = endpoint;
    const fingerprint = fingerprintOf(endpoint);
    const before = this.running.get(name);
    if (before?.fingerprint === fingerprint) {
      this.running.set(name, { ...before, about });
      return;
    }
    this.leave(name);
    const delivery = this.options.make(endpoint);
    delivery.start(this.leaving.get(name));
    this.running.set(name, { fingerprint, about, delivery });
  }

  private remove(name: string): void {
    this.leave(name);
    this.log.info({ endpoint: name }, 'endpoint disabled or removed: nothing is delivered to it; queue kept');
    const gone = this.leaving.get(name);
    void gone?.then(() => this.running.has(name) || this.options.onGone(name));
  }

  private leave(name: string): void {
    const delivery = this.running.get(name)?.delivery;
    if (delivery === undefined) return;
    this.running.delete(name);
    const left = delivery
      .stop(this.options.graceMs)
      .catch((error: Error) => this.log.error({ err: error, endpoint: name }, 'error while stopping its delivery'));
    this.leaving.set(name, left);
    void left.then(() => this.leaving.get(name) === left && this.leaving.delete(name));
  }

  /** Says that the groups exist, so that what they have not read is kept. Again every ten seconds, should Redis lose it. */
  private async registerAll(): Promise<void> {
    await Promise.all([...this.running].map(([name, { about }]) => this.register(name, about)));
  }

  private async register(name: string, about: EndpointAbout): Promise<void> {
    try {
      const { registry } = this.transport;
      const { hop, isOrdered } = this.options;
      const streams = [streamOf(name)];
      await registry.registerGroup({ group: groupOf(name), hop, isOrdered, streams, about: { ...about } });
    } catch (error) {
      this.log.debug({ endpoint: name, err: (error as Error).message }, 'cannot register the consumer group; retrying');
    }
  }
}

/** Equal where nothing has changed that a delivery depends on; which topics come is for the dispatch to know. */
const fingerprintOf = ({ url, keys, headers, timeoutMs, format, perSecond }: Endpoint): string =>
  JSON.stringify([url.href, keys.map((key) => key.toString('base64')), headers, timeoutMs, format, perSecond]);
