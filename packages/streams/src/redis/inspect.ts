import type { Redis } from 'ioredis';
import { infoRecord, lagOf } from './backlog.js';
import { asUnavailable } from './connection.js';

/** A consumer group of a stream, as Redis sees it. */
export interface GroupState {
  readonly name: string;
  /** Entries that were not handed out yet; where Redis cannot tell, all that the stream holds. */
  readonly lag: number;
  /** Handed out and not settled. */
  readonly pending: number;
  readonly consumers: number;
}

/** How a stream fares. */
export interface StreamState {
  readonly length: number;
  /** Ids of its oldest and newest entry; absent where it is empty. */
  readonly firstId?: string;
  readonly lastId?: string;
  readonly groups: readonly GroupState[];
}

type Answer = readonly [Error | null, unknown];

const groupsOf = ([error, answer]: Answer, length: number, lastId: string | undefined): GroupState[] => {
  if (error !== null) return []; // There is no such stream (yet).
  return (answer as unknown[]).map(infoRecord).map((group) => ({
    name: String(group.name),
    lag: lagOf(group, length, lastId),
    pending: Number(group.pending),
    consumers: Number(group.consumers),
  }));
};

const idOf = ([, answer]: Answer): string | undefined => (answer as [string][] | null)?.[0]?.[0];

/** Looks at streams in one round trip; the cost does not grow with their length. Rejects with `Unavailable`. */
export const inspect = async (redis: Redis, keys: readonly string[]): Promise<StreamState[]> => {
  const pipeline = redis.pipeline();
  for (const key of keys) {
    pipeline.xlen(key);
    pipeline.xrange(key, '-', '+', 'COUNT', 1);
    pipeline.xrevrange(key, '+', '-', 'COUNT', 1);
    pipeline.call('XINFO', 'GROUPS', key);
  }
  const answers = await answersOf(pipeline);
  return keys.map((_, i) => {
    const [length, first, last, groups] = answers.slice(4 * i, 4 * i + 4) as [Answer, Answer, Answer, Answer];
    if (length[0] !== null) throw asUnavailable(length[0]);
    const [firstId, lastId] = [idOf(first), idOf(last)];
    return {
      length: Number(length[1]),
      ...(firstId === undefined ? {} : { firstId }),
      ...(lastId === undefined ? {} : { lastId }),
      groups: groupsOf(groups, Number(length[1]), lastId),
    };
  });
};

const answersOf = async (pipeline: ReturnType<Redis['pipeline']>): Promise<readonly Answer[]> => {
  try {
    return (await pipeline.exec()) ?? [];
  } catch (error) {
    throw asUnavailable(error);
  }
};
