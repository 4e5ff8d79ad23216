import type { Redis } from 'ioredis';
import { Unavailable } from '../../errors.js';
import { monotonicMs } from '../../time/interval.js';
import type { Connection } from './connection.js';
import { infoField, infoOf } from './info.js';
import { ofReachablePrimaries } from './primaries.js';

/** The memory of a Redis, in bytes. */
export interface Memory {
  readonly used: number;
  /** `maxmemory`; 0 where there is no limit. */
  readonly max: number;
}

/**
 * Undefined where the server does not tell: js-redis-server and some managed ones. Of a cluster that of the fullest primary
 * of those that answer.
 * Rejects with `Unavailable`.
 */
export const memoryOf = async (redis: Connection): Promise<Memory | undefined> => {
  const all = await ofReachablePrimaries(redis, memoryOfServer);
  return all.reduce((a, b) => (b !== undefined && (a === undefined || fullness(b) > fullness(a)) ? b : a));
};

/** The larger, the less is free; without limits, the more is taken. */
const fullness = ({ used, max }: Memory): number => (max > 0 ? used / max : used / Number.MAX_SAFE_INTEGER);

const memoryOfServer = async (redis: Redis): Promise<Memory | undefined> => {
  const info = await infoOf(redis, 'memory');
  const field = (name: string): number => Number(infoField(info, name) ?? Number.NaN);
  const used = field('used_memory');
  return Number.isNaN(used) ? undefined : { used, max: field('maxmemory') || 0 };
};

/** Whether less than `reserve` (a share from 0 to 1) of the memory is free. */
export const isShort = ({ used, max }: Memory, reserve: number): boolean => max > 0 && used > max * (1 - reserve);

const SAMPLE_EVERY_MS = 1000;

/** Knows whether Redis is over its limit, from a look at most once a second. */
export class MemoryGauge {
  private isOver = false;
  private looking: Promise<void> | undefined;
  private nextAt = 0;

  constructor(private readonly redis: Redis) {}

  /** Rejects with `Unavailable` where there is no room for more. */
  async room(): Promise<void> {
    if (monotonicMs() >= this.nextAt) {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
      await this.looking;
    }
    if (this.isOver) throw new Unavailable('Redis is full: writes wait until memory is freed');
  }

  private async look(): Promise<void> {
    const memory = await memoryOf(this.redis);
    this.isOver = memory !== undefined && isShort(memory, 0);
    this.nextAt = monotonicMs() + SAMPLE_EVERY_MS;
  }
}
