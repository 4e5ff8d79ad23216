import type { Redis } from 'ioredis';
import type { StreamName } from '../contract.js';
import { infoRecord, lagOf } from './backlog.js';
import { asUnavailable } from './connection.js';
import { type FrameCounters, lengthInEvents, unsettledInEvents } from './frame-counters.js';
import type { Keys } from './keys.js';

/** A consumer group of a stream, as Redis sees it. */
export interface GroupState {
  readonly name: string;
  /** Events that were not handed out yet; where Redis cannot tell, all that the stream holds. */
  readonly lag: number;
  /** Handed out and not settled. */
  readonly pending: number;
  readonly consumers: number;
}

/** How a stream fares. */
export interface StreamState {
  /** Events. */
  readonly length: number;
  /** Ids of its oldest and newest entry; absent where it is empty. */
  readonly firstId?: string;
  readonly lastId?: string;
  readonly groups: readonly GroupState[];
}

type Answer = readonly [Error | null, unknown];

/** Looks at streams in one round trip; the cost does not grow with their length. Rejects with `Unavailable`. */
export const inspect = async (redis: Redis, keys: Keys, streams: readonly StreamName[]): Promise<StreamState[]> => {
  const partitions = [...new Set(streams.map(({ partition }) => partition))];
  const pipeline = redis.pipeline();
  for (const partition of partitions) pipeline.hgetall(keys.frames(partition));
  for (const key of streams.map((stream) => keys.stream(stream))) {
    pipeline.xlen(key);
    pipeline.xrange(key, '-', '+', 'COUNT', 1);
    pipeline.xrevrange(key, '+', '-', 'COUNT', 1);
    pipeline.call('XINFO', 'GROUPS', key);
  }
  const answers = await answersOf(pipeline);
  const counters = new Map(partitions.map((partition, i) => [partition, answered(answers[i]) as FrameCounters]));
  return streams.map((stream, i) => {
    const from = partitions.length + 4 * i;
    return stateOf(stream.name, answers.slice(from, from + 4), counters.get(stream.partition) as FrameCounters);
  });
};

const stateOf = (stream: string, answers: readonly Answer[], counters: FrameCounters): StreamState => {
  const [length, first, last, groups] = answers as [Answer, Answer, Answer, Answer];
  const entries = Number(answered(length));
  const [firstId, lastId] = [idOf(first), idOf(last)];
  return {
    length: lengthInEvents(counters, stream, entries),
    ...(firstId === undefined ? {} : { firstId }),
    ...(lastId === undefined ? {} : { lastId }),
    groups: groupsOf(groups).map((group) => {
      const unsettled = { lag: lagOf(group, entries, lastId), pending: Number(group.pending) };
      const name = String(group.name);
      return { name, ...unsettledInEvents(counters, stream, name, unsettled), consumers: Number(group.consumers) };
    }),
  };
};

const answered = (answer: Answer | undefined): unknown => {
  if (answer?.[0]) throw asUnavailable(answer[0]);
  return answer?.[1];
};

// There may be no such stream (yet).
const groupsOf = ([error, answer]: Answer): Readonly<Record<string, unknown>>[] =>
  error === null ? (answer as unknown[]).map(infoRecord) : [];

const idOf = ([, answer]: Answer): string | undefined => (answer as [string][] | null)?.[0]?.[0];

const answersOf = async (pipeline: ReturnType<Redis['pipeline']>): Promise<readonly Answer[]> => {
  try {
    return (await pipeline.exec()) ?? [];
  } catch (error) {
    throw asUnavailable(error);
  }
};
