import type { StreamName } from '../../contract.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';

/** Creates consumer groups at the beginning of their streams, and the streams with them; also where Redis is full. */
export class Groups {
  private readonly known = new Set<string>();

  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly group: string,
  ) {}

  /** Makes sure that the group exists on each stream. Costs nothing for those that were seen before. */
  async ensure(streams: readonly StreamName[]): Promise<void> {
    for (const stream of streams) {
      const key = this.keys.stream(stream);
      if (this.known.has(key)) continue;
      await this.functions.call('join', [key, this.keys.frames(stream.partition)], [this.group]);
      this.known.add(key);
    }
  }

  /** Redis lost a group: look again at all of them. */
  forget(): void {
    this.known.clear();
  }
}
