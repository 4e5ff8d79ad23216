import type { StreamName } from '../contract.js';
import type { Connection } from './connection.js';
import type { Keys } from './keys.js';

/** Creates consumer groups at the beginning of their streams, and the streams with them. */
export class Groups {
  private readonly known = new Set<string>();

  constructor(
    private readonly redis: Connection,
    private readonly keys: Keys,
    private readonly group: string,
  ) {}

  /** Makes sure that the group exists on each stream. Costs nothing for those that were seen before. */
  async ensure(streams: readonly StreamName[]): Promise<void> {
    for (const stream of streams) {
      const key = this.keys.stream(stream);
      if (this.known.has(key)) continue;
      await this.create(key, stream);
      this.known.add(key);
    }
  }

  /** Redis lost a group: look again at all of them. */
  forget(): void {
    this.known.clear();
  }

  private async create(key: string, { name, partition }: StreamName): Promise<void> {
    try {
      await this.redis.xgroup('CREATE', key, this.group, '0', 'MKSTREAM');
      // What an earlier group of this name had settled, this one has not.
      await this.redis.hdel(this.keys.frames(partition), `settled ${name} ${this.group}`);
    } catch (error) {
      if (!(error as Error).message.startsWith('BUSYGROUP')) throw error;
    }
  }
}
