import { type DefinitionFile, Follower, type InForce } from '@millrace/definitions';
import { type Endpoint, type EndpointStore, shownUrl, type WrittenEndpoint } from '@millrace/endpoints';
import type { Logger } from '@millrace/host';
import { EndpointTable } from './endpoint-table.js';
import type { Orders } from './orders.js';

/** Called with all endpoints, and the names of those that are to be tried at once, whatever is known against them. */
type OnChange = (table: EndpointTable, retry: ReadonlySet<string>) => void;

export interface EndpointSources {
  readonly file: DefinitionFile | undefined;
  readonly environment: readonly Endpoint[];
  readonly store: EndpointStore;
  readonly orders: Orders;
}

/** The live endpoints: those of the file, that of the environment, and those in Redis, but for what is disabled. */
export class Endpoints {
  private current = new EndpointTable([]);
  private wasComplete = false;
  private readonly told = new Map<string, string>();
  private onChange: OnChange = () => undefined;
  private readonly follower: Follower<Endpoint, WrittenEndpoint>;

  constructor(
    private readonly sources: EndpointSources,
    /** Topics that the sink reads; an endpoint that wants others is warned of. */
    private readonly reads: readonly string[],
    private readonly log: Logger,
  ) {
    const { orders, ...followed } = sources;
    this.follower = new Follower({
      ...followed,
      log,
      onChange: (now) => this.use(now),
      beside: () => orders.read(),
    });
  }

  get table(): EndpointTable {
    return this.current;
  }

  /** Whether all endpoints are known: Redis was asked once. Before, "no endpoint takes it" cannot be said of any event. */
  get complete(): boolean {
    return this.follower.isComplete;
  }

  /**
   * Reads the file, which has to be valid now, and begins to look for changes; tells of the endpoints now and at every
   * change. Rejects with a `DefinitionError`.
   */
  start(onChange: OnChange): Promise<void> {
    this.onChange = onChange;
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  private use({ definitions, sources }: InForce<Endpoint>): void {
    const { orders } = this.sources;
    const isOn = ({ name, isEnabled }: Endpoint) => isEnabled && !orders.off.has(name);
    this.current = new EndpointTable(definitions.filter(isOn), sources);
    for (const endpoint of definitions) this.tell(endpoint);
    if (this.complete && !this.wasComplete && this.current.endpoints.length === 0) this.warnOfNone();
    this.wasComplete = this.complete;
    this.onChange(this.current, orders.takeRetries());
  }

  private tell(endpoint: Endpoint): void {
    const { name, url, topics, keys, isUnsigned } = endpoint;
    const shown = { endpoint: name, url: shownUrl(url), topics: topics === '*' ? '*' : [...topics].join(',') };
    const signed = keys.length > 0;
    const words = JSON.stringify({ ...shown, signed });
    if (this.told.get(name) === words) return;
    this.told.set(name, words);
    this.log.info(shown, 'endpoint loaded');
    if (!signed && !isUnsigned) {
      this.log.warn({ endpoint: name }, 'requests to this endpoint are not signed: set a secret, or signed: false');
    }
    const unread =
      topics === '*' || this.reads.includes('*') ? [] : [...topics].filter((one) => !this.reads.includes(one));
    if (unread.length > 0)
      this.log.warn({ endpoint: name }, `endpoint subscribes to ${unread.join(', ')}, which TOPICS does not include`);
  }

  private warnOfNone(): void {
    this.log.warn(
      'no endpoints configured (ENDPOINTS_FILE, WEBHOOK_URL or Redis): events are acknowledged without delivery',
    );
  }
}
