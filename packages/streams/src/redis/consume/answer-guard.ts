import { once } from 'node:events';
import type { Redis } from 'ioredis';

/**
 * Bounds what an answer brings, in bytes, on a connection that waits for one answer at a time: Redis bounds a read in entries
 * alone. Of an answer that is larger nothing is kept: the connection is dropped and opened again, the command is not sent
 * again, and what it did in Redis is done.
 */
export class AnswerGuard {
  private came = 0;
  private most = Number.POSITIVE_INFINITY;
  private dropped = false;

  /** The connection must not have been opened yet, or other answers are not counted. */
  constructor(private readonly redis: Redis) {
    redis.on('connect', () => {
      redis.stream.on('data', (chunk: Buffer) => {
        this.came += chunk.length;
        if (this.came > this.most) this.drop();
      });
    });
  }

  /** What `ask` gives; undefined where its answer has more than `most` bytes. */
  async within<T>(most: number, ask: () => Promise<T>): Promise<T | undefined> {
    this.came = 0;
    this.most = most;
    this.dropped = false;
    try {
      return await ask();
    } catch (error) {
      if (!this.dropped) throw error;
      return undefined;
    } finally {
      this.most = Number.POSITIVE_INFINITY;
      // Also where the last of it was there already.
      if (this.dropped) await this.reopen();
    }
  }

  private drop(): void {
    this.most = Number.POSITIVE_INFINITY;
    this.dropped = true;
    // As if it were closed permanently, so that nothing is sent again; at once, as the rest is still in progress.
    this.redis.disconnect();
    this.redis.stream.destroy();
  }

  private async reopen(): Promise<void> {
    if (this.redis.status !== 'end') await once(this.redis, 'end');
    // It goes on trying by itself.
    await this.redis.connect().catch(() => undefined);
  }
}
