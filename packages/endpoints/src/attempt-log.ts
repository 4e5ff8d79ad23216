import { storedObject } from '@millrace/streams';
import type { Connection, RedisTransport } from '@millrace/streams/redis';

/** One request to an endpoint. */
export interface Attempt {
  /** Unix milliseconds of its start. */
  readonly at: number;
  /** The attempt number of this event. */
  readonly attempt: number;
  readonly type: string;
  /** Of the event. */
  readonly source: string;
  readonly id: string;
  /** Where the event first came from, and where it stands there. */
  readonly stream: string;
  readonly position: string;
  readonly partition: number;
  readonly ms: number;
  /** The status of the answer; absent where there was none. */
  readonly status?: number;
  /** Why it counts as failed; absent where it does not. */
  readonly failure?: string;
  /** The start of the answer's body. */
  readonly answer?: string;
}

type Redis = Connection;

/** Attempts of each endpoint that are kept. */
const KEPT = 1000;
/** So long an attempt waits for others, to be written with them. */
const GATHER_MS = 100;
const MOST_WAITING = 5000;

/**
 * The attempts of endpoints, the newest thousand of each, in a stream for each. They are written a little later, together,
 * and not at all where Redis is away: what becomes of a delivery does not depend on them.
 */
export class AttemptLog {
  private readonly redis: Redis;
  private waiting: { readonly endpoint: string; readonly attempt: Attempt }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly transport: RedisTransport) {
    this.redis = transport.connections.connect('attempts');
  }

  add(endpoint: string, attempt: Attempt): void {
    if (this.waiting.length >= MOST_WAITING) return;
    this.waiting.push({ endpoint, attempt });
    this.timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Writes what is queued. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const pipeline = this.redis.pipeline();
    for (const { endpoint, attempt } of this.waiting) {
      pipeline.xadd(this.key(endpoint), 'MAXLEN', '~', KEPT, '*', 'attempt', JSON.stringify(attempt));
    }
    this.waiting = [];
    await pipeline.exec().catch(() => undefined);
  }

  /**
   * The newest first, of those before an id where one is given. Where there are more, `next` is what to go on before. Rejects with
   * `Unavailable`.
   */
  async newest(
    endpoint: string,
    limit: number,
    before?: string,
  ): Promise<{ attempts: Attempt[]; next: string | null }> {
    const end = before === undefined ? '+' : `(${before}`;
    const rows = await this.redis.xrevrange(this.key(endpoint), end, '-', 'COUNT', limit + 1);
    const page = rows.slice(0, limit);
    return {
      attempts: page.flatMap(([, [, json]]) => storedObject<Attempt>(json) ?? []),
      next: rows.length > limit ? (page.at(-1)?.[0] ?? null) : null,
    };
  }

  /** Of an endpoint that is gone. */
  async forget(endpoint: string): Promise<void> {
    await this.redis.unlink(this.key(endpoint)).catch(() => undefined);
  }

  private key(endpoint: string): string {
    return this.transport.keys.control(`endpoints:attempts:${endpoint}`);
  }
}
