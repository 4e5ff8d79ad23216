import { deadStream } from '@millrace/streams';
import type { Connection, Keys } from '@millrace/streams/redis';
import { keyBytes } from '@millrace/streams/redis/internal';
import type { OperationFunctions } from '../functions/operations-library.js';

/** What a group keeps in one partition. */
export interface GroupPart {
  readonly group: string;
  readonly hop: string;
  readonly partition: number;
}

/** How much of a kind a group may keep in a partition; 0: no bound. */
export interface LeftoverBounds {
  readonly maxLength: number;
  readonly maxBytes: number;
  /** Of dead letters alone, in ms. */
  readonly maxAgeMs: number;
}

/** Dead letters that went, the oldest of a group. */
export interface Shortened {
  readonly count: number;
  /** Ids of the first and the last. */
  readonly from: string;
  readonly to: string;
}

const PAGE = 500;
const PAGE_BYTES = 512 * 1024;
/** Each halves what is too much; what is left then is the next time's. */
const MOST_PASSES = 20;
/** A hash has no order, so a few of its values stand for all. */
const SAMPLES = 1000;
const SCANNED = 1000;
const MESSAGE = 'the retry queue is over RETRY_QUEUE_MAX_LENGTH or RETRY_QUEUE_MAX_BYTES';

/** `again:g/1795-0/3`: of those that are scheduled, what was tried last the longest ago has the lowest id. */
const triedAt = (name: string): number => Number(/\/(\d{1,15})-\d{1,20}\/\d{1,9}$/.exec(name)?.[1] ?? 0);

/**
 * Bounds what groups leave: dead letters, and deliveries that are scheduled for another attempt. In steps of 500 and about
 * 512 KiB. All methods reject with `Unavailable`.
 */
export class Leftovers {
  constructor(
    private readonly redis: Connection,
    private readonly functions: OperationFunctions,
    private readonly keys: Keys,
  ) {}

  /** Deletes the oldest dead letters beyond the bounds, each range on record. Undefined where there were none. */
  async shortenDead({ group, partition }: GroupPart, bounds: LeftoverBounds): Promise<Shortened | undefined> {
    const dead = this.keys.stream({ name: deadStream(group), partition });
    let [count, from, to] = [0, '', ''];
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const excess = await this.excess(dead, bounds.maxBytes);
      if (pass > 0 && excess === 0) break;
      // What an entry takes is more than what it holds: by halves, so that not too much goes.
      const step = excess > PAGE_BYTES ? Math.ceil(excess / 2) : excess;
      const gone = await this.shorten([this.keys.forced(partition), dead], group, bounds, step);
      if (gone === undefined) break;
      [count, from, to] = [count + gone.count, from || gone.from, gone.to];
    }
    return count === 0 ? undefined : { count, from, to };
  }

  /**
   * Makes dead letters of deliveries beyond the bounds that are scheduled for another attempt: those that were tried last the
   * longest ago, which are those that failed most often. Gives how many.
   */
  async giveUpRetries({ group, hop, partition }: GroupPart, bounds: LeftoverBounds): Promise<number> {
    const [parked, payloads] = [this.keys.parked(group, partition), this.keys.payloads(group, partition)];
    const length = await this.redis.zcard(parked);
    if (length === 0) return 0;
    const tooMany = await this.tooMany(payloads, length, bounds);
    if (tooMany === 0) return 0;
    const names = (await this.namesOf(parked)).sort((a, b) => triedAt(a) - triedAt(b)).slice(0, tooMany);
    const keys = [parked, payloads, this.keys.stream({ name: deadStream(group), partition })];
    let moved = 0;
    for (let from = 0; from < names.length; ) {
      const args = [group, hop, MESSAGE, ...names.slice(from, from + PAGE)];
      const [gone, done] = (await this.functions.call('give_up', keys, args)) as [number, number];
      moved += gone;
      from += Math.max(1, done);
    }
    return moved;
  }

  /** So many bytes of them, and all that is too many or too old. */
  private async shorten(
    keys: readonly string[],
    group: string,
    { maxLength, maxAgeMs }: LeftoverBounds,
    bytes: number,
  ): Promise<Shortened | undefined> {
    let [left, count, from, to] = [bytes, 0, '', ''];
    for (let more = 1; more === 1; ) {
      const args = [group, PAGE, maxLength, maxAgeMs, left];
      const answer = await this.functions.call('shorten', keys, args);
      const [gone, freed, hasMore, first, last] = answer as [number, number, number, string, string];
      if (gone === 0) break;
      [count, from, to, more] = [count + gone, from || first, last, hasMore];
      left = Math.max(0, left - freed);
    }
    return count === 0 ? undefined : { count, from, to };
  }

  private async tooMany(payloads: string, length: number, { maxLength, maxBytes }: LeftoverBounds): Promise<number> {
    const beyond = maxLength === 0 ? 0 : Math.max(0, length - maxLength);
    const excess = await this.excess(payloads, maxBytes, SAMPLES);
    return excess === 0 ? beyond : Math.max(beyond, Math.ceil((length * excess) / (excess + maxBytes)));
  }

  /** Bytes beyond a bound; 0 where the server does not tell: then the other bounds have to do. */
  private async excess(key: string, maxBytes: number, samples?: number): Promise<number> {
    if (maxBytes === 0) return 0;
    const [bytes] = await keyBytes(this.redis, [key], samples);
    return Math.max(0, Math.round((bytes ?? 0) - maxBytes));
  }

  private async namesOf(parked: string): Promise<string[]> {
    const names = new Set<string>();
    for (let cursor = '0'; ; ) {
      const [next, found] = await this.redis.zscan(parked, cursor, 'COUNT', SCANNED);
      for (let i = 0; i < found.length; i += 2) names.add(found[i] as string);
      if (next === '0') return [...names];
      cursor = next;
    }
  }
}
