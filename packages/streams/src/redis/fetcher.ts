import type { Redis } from 'ioredis';
import { type Entry, readEntry } from '../entry.js';
import type { Keys } from './keys.js';
import { byStream } from './stream-answer.js';

/** How long a read waits for something to come, in milliseconds: an idle consumer sends one command in that time. */
const BLOCK_MS = 1000;

/** Reads new entries for a consumer, on a connection of its own because the read blocks it. */
export class Fetcher {
  private readonly clientId: Promise<number>;

  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    private readonly who: { readonly group: string; readonly consumer: string; readonly partition: number },
  ) {
    this.clientId = redis.client('ID');
    this.clientId.catch(() => undefined); // Asked for again by nobody but `interrupt`, which handles it.
  }

  /** At most `limit` entries of each stream; waits for the first up to `waitMs` and never longer than a second. */
  async fetch(streams: readonly string[], limit: number, waitMs: number): Promise<Entry[]> {
    const { group, consumer, partition } = this.who;
    const names = new Map(streams.map((name) => [this.keys.stream({ name, partition }), name]));
    const answer = await this.redis.call(
      'XREADGROUP',
      'GROUP',
      group,
      consumer,
      'COUNT',
      limit,
      ...(waitMs > 0 ? ['BLOCK', Math.min(BLOCK_MS, Math.max(1, Math.round(waitMs)))] : []),
      'STREAMS',
      ...names.keys(),
      ...streams.map(() => '>'),
    );
    return byStream(answer).flatMap(([key, rows]) =>
      rows.map(([id, fields]) => readEntry(names.get(key) as string, partition, id, fields ?? [], 1)),
    );
  }

  /** Ends a read that is blocked. Where the server cannot do that, the read ends by itself within a second. */
  async interrupt(commands: Redis): Promise<void> {
    await this.clientId.then((id) => commands.client('UNBLOCK', id)).catch(() => undefined);
  }
}
