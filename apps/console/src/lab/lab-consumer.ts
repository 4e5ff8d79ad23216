import { pause } from '@millrace/streams';
import { byStream, type Connection } from '@millrace/streams/redis';

type Redis = Connection;

/** Read at once, so that there is something to be seen pending. */
const READ_AHEAD = 10;

/** Where a consumer of the lab reads. */
export interface LabPlace {
  /** Of the topic, by partition. */
  readonly keys: readonly string[];
  readonly group: string;
}

/** Handles one entry after the other, at a pace that people can follow, and acknowledges it, until it stops or crashes. */
export class LabConsumer {
  handled = 0;
  private crashAt: number | undefined;
  private readonly stopping = new AbortController();
  private isCrashed = false;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly redis: Redis,
    private readonly place: LabPlace,
    private readonly perSecond: number,
    private readonly say: (text: string) => void,
  ) {}

  get state(): 'running' | 'crashed' {
    return this.isCrashed ? 'crashed' : 'running';
  }

  /** Entries that it still handles before it crashes; null where it does not. */
  get crashAfter(): number | null {
    return this.crashAt === undefined || this.isCrashed ? null : Math.max(0, this.crashAt - this.handled);
  }

  start(): void {
    this.ended = this.run();
  }

  /** Stops without acknowledging what it reads after so many more entries. */
  crash(after: number): void {
    this.crashAt = this.handled + after;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.isCrashed) {
      await this.turn().catch((error: Error) => this.say(`${this.name}: ${error.message}`));
      await pause(1000 / this.perSecond, signal);
    }
  }

  private async turn(): Promise<void> {
    for (const key of this.place.keys) {
      const id = await this.next(key);
      if (id === undefined) continue;
      if (this.crashAt !== undefined && this.handled >= this.crashAt) {
        this.isCrashed = true;
        return this.say(`${this.name} crashed with ${id} in flight`);
      }
      await this.redis.xack(key, this.place.group, id);
      this.handled += 1;
      return;
    }
  }

  /**
   * What it has comes first, read ahead or given to it by a claim; then what nobody was handed. To read what is its own
   * again would count as a delivery.
   */
  private async next(key: string): Promise<string | undefined> {
    const { group } = this.place;
    const [own] = (await this.redis.xpending(key, group, '-', '+', 1, this.name)) as [id: string][];
    if (own !== undefined) return own[0];
    const answer = await this.redis.xreadgroup('GROUP', group, this.name, 'COUNT', READ_AHEAD, 'STREAMS', key, '>');
    return byStream(answer)[0]?.[1][0]?.[0];
  }
}
