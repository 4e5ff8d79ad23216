import type { Position, StreamName } from '../contract.js';
import { seenAt } from './append/seen.js';
import type { Connection } from './connection/connection.js';
import type { Keys } from './connection/keys.js';
import type { Functions } from './functions/functions.js';
import { backlogOf } from './observe/backlog.js';
import { inspect, type StreamState } from './observe/inspect.js';

/** The state of streams. All methods reject with `Unavailable` where Redis is away. */
export class Streams {
  constructor(
    private readonly redis: Connection,
    private readonly functions: Functions,
    private readonly keys: Keys,
  ) {}

  /** Length, groups and progress of each stream, in one round trip; the cost does not grow with their length. */
  inspect(streams: readonly StreamName[]): Promise<StreamState[]> {
    return inspect({ redis: this.redis, functions: this.functions, keys: this.keys }, streams);
  }

  /** How many events of a stream the group has not settled: those not yet handed out and those in flight. */
  backlog(stream: StreamName, group: string): Promise<number> {
    return backlogOf(this.redis, this.keys, stream, group);
  }

  /** Where the event of a digest was appended in a partition, as far as the deduplication window reaches. */
  seen(partition: number, digest: string): Promise<Position | undefined> {
    return seenAt(this.redis, this.keys, partition, digest);
  }
}
