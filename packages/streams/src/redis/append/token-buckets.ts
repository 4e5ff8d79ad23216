import type { Connection } from '../connection/connection.js';
import type { Keys } from '../connection/keys.js';
import { Functions } from '../functions/functions.js';
import { STREAMS_LIBRARY } from '../functions/streams-library.js';

/** How much a bucket holds, and in how long it fills. */
export interface BucketSize {
  readonly tokens: number;
  readonly windowMs: number;
}

/** What came of it. */
export type Taken =
  | {
      readonly ok: true;
      /** How many of the welcome ones there were. */
      readonly more: number;
      /** What is left; below 0 where more was needed than it holds. */
      readonly left: number;
    }
  | {
      readonly ok: false;
      /** Milliseconds until there are enough, if no other client takes any. */
      readonly waitMs: number;
      readonly left: number;
    };

/** The parts of a transport that it needs. */
interface InRedis {
  readonly connections: { readonly requests: Connection };
  readonly keys: Keys;
}

/** Token buckets, by name, that all processes share. */
export class TokenBuckets {
  private readonly functions: Functions;
  private readonly keys: Keys;

  /** In the Redis of a transport. */
  constructor({ connections, keys }: InRedis) {
    this.functions = new Functions(connections.requests, STREAMS_LIBRARY);
    this.keys = keys;
  }

  /**
   * Takes what is needed, whole or not at all, and of what is welcome what there is. More than the bucket holds is given
   * when it is full, as a debt. Rejects with `Unavailable`.
   */
  async take(name: string, { tokens, windowMs }: BucketSize, needed: number, welcome: number): Promise<Taken> {
    const answer = await this.functions.call('take', [this.keys.bucket(name)], [tokens, windowMs, needed, welcome]);
    const [done, number, left] = answer as [number, number, number];
    return done === 1 ? { ok: true, more: number, left } : { ok: false, waitMs: number, left };
  }
}
