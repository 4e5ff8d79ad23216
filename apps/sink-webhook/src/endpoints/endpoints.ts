import { type Endpoint, type EndpointSource, shownUrl } from '@millrace/endpoints';
import type { Logger } from '@millrace/host';
import { PeriodicTask } from '@millrace/streams';
import type { EndpointFile } from './endpoint-file.js';
import { EndpointTable } from './endpoint-table.js';
import type { StoredEndpoints } from './stored-endpoints.js';

const LOOK_EVERY_MS = 1000;

/** Where endpoints come from; the first that has a name has it. */
type Sources = Readonly<Record<EndpointSource, readonly Endpoint[]>>;

/** Told of all endpoints, and of the names of those that are to be tried at once, whatever is known against them. */
type OnChange = (table: EndpointTable, retry: ReadonlySet<string>) => void;

const NONE: ReadonlySet<string> = new Set();

/** Where an endpoint may be written. */
const PLACES: readonly EndpointSource[] = ['file', 'environment', 'Redis'];

/**
 * The endpoints in force: those of the file, that of the environment, and those in Redis; where a name is in several the
 * first of these has it. Looks for changes every second; a change that is not valid leaves what was in force.
 */
export class Endpoints {
  private current = new EndpointTable([]);
  private sources: Sources;
  private off: ReadonlySet<string> = new Set();
  private askedRedis = false;
  private lastComplaint = '';
  private readonly told = new Map<string, string>();
  private onChange: OnChange = () => undefined;
  private readonly looking = new PeriodicTask(() => this.look(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.complain(`keeping the last valid endpoints: ${error.message}`),
  });

  constructor(
    private readonly file: EndpointFile | undefined,
    fromEnvironment: readonly Endpoint[],
    private readonly stored: StoredEndpoints,
    /** Topics that the sink reads; an endpoint that wants others is warned of. */
    private readonly reads: readonly string[],
    private readonly log: Logger,
  ) {
    this.sources = { file: [], environment: fromEnvironment, Redis: [] };
  }

  get table(): EndpointTable {
    return this.current;
  }

  /** Whether all endpoints are known: Redis was asked once. Before, "no endpoint takes it" cannot be said of any event. */
  get complete(): boolean {
    return this.askedRedis;
  }

  /**
   * Reads the file, which has to be valid now, and begins to look for changes; tells of the endpoints now and at every
   * change. Throws an `EndpointError`.
   */
  async start(onChange: OnChange): Promise<void> {
    this.onChange = onChange;
    const file = (await this.file?.changed()) ?? [];
    this.use({ ...this.sources, file });
    await this.look();
    this.looking.start(LOOK_EVERY_MS);
  }

  stop(): Promise<void> {
    return this.looking.stop();
  }

  private async look(): Promise<void> {
    await this.lookAtFile();
    await this.lookAtRedis();
  }

  private async lookAtFile(): Promise<void> {
    try {
      const file = await this.file?.changed();
      if (file !== undefined) this.use({ ...this.sources, file });
    } catch (error) {
      this.complain(`keeping the last valid endpoints: ${(error as Error).message}`);
    }
  }

  private async lookAtRedis(): Promise<void> {
    try {
      const stored = await this.stored.changed((error) => this.log.error(error.message));
      const isFirst = !this.askedRedis;
      this.askedRedis = true;
      if (stored !== undefined && !(isFirst && stored.endpoints.length + stored.off.size === 0)) {
        this.off = stored.off;
        this.use({ ...this.sources, Redis: stored.endpoints }, stored.retry);
      }
      if (isFirst && this.current.endpoints.length === 0) this.warnOfNone();
    } catch (error) {
      this.log.debug({ err: (error as Error).message }, 'cannot read endpoints from Redis; retrying');
    }
  }

  private use(sources: Sources, retry = NONE): void {
    this.sources = sources;
    const inForce = new Map<string, Endpoint>();
    const from = new Map<string, EndpointSource>();
    for (const source of PLACES) {
      for (const endpoint of sources[source]) {
        const { name } = endpoint;
        if (inForce.has(name)) {
          this.log.warn(
            `endpoint "${name}" is in ${source} too: duplicate ignored; that in ${from.get(name)} takes precedence`,
          );
          continue;
        }
        inForce.set(name, endpoint);
        from.set(name, source);
      }
    }
    const isOn = ({ name, isEnabled }: Endpoint) => isEnabled && !this.off.has(name);
    this.current = new EndpointTable([...inForce.values()].filter(isOn), from);
    this.lastComplaint = '';
    for (const endpoint of inForce.values()) this.tell(endpoint);
    this.onChange(this.current, retry);
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

  /** Once for each trouble: a file that is away would be told of every second. */
  private complain(message: string): void {
    if (message !== this.lastComplaint) this.log.error(message);
    this.lastComplaint = message;
  }
}
