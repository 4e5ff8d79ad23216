import { groupOf } from '@millrace/endpoints';
import { againStream, inEveryPartition, topicOf } from '@millrace/streams';
import type { Connection, RedisTransport } from '@millrace/streams/redis';

import { UNREACHABLE } from '../stack.js';

/** What a group has not done yet. */
export interface Backlog {
  readonly group: string;
  readonly lag: number;
  readonly pending: number;
  readonly parked: number;
  /** Of those that are parked, how many should have been taken by now. */
  readonly due: number;
  /** The newest entry that was handed out of each stream. */
  readonly handedOut: readonly string[];
}

/** Every group of a pipeline with one partition. */
export const backlogs = async (
  transport: RedisTransport,
  redis: Connection,
  topics: readonly string[],
): Promise<Backlog[]> => {
  // What is queued for it waits for somebody to enable it.
  const groups = (await transport.registry.groups()).filter(({ group }) => group !== groupOf(UNREACHABLE));
  return Promise.all(
    groups.map(async ({ group, streams }): Promise<Backlog> => {
      const names = streams.flatMap((name) => (name === 'topic:*' ? topics : [name]));
      const read = [
        ...names.filter((name) => topicOf(name) === undefined || topics.includes(name)),
        againStream(group),
      ];
      // Streams first, what is parked after them: `handedOut` shows what came out of it in between.
      const states = await transport.streams.inspect(read.flatMap((name) => inEveryPartition(name, 1)));
      const own = states.flatMap((state) => state.groups.filter(({ name }) => name === group));
      const sum = (of: 'lag' | 'pending') => own.reduce((total, state) => total + state[of], 0);
      const parked = transport.keys.parked(group, 0);
      return {
        group,
        lag: sum('lag'),
        pending: sum('pending'),
        parked: await redis.zcard(parked),
        due: await redis.zcount(parked, '-inf', Date.now()),
        handedOut: own.map(({ lastDeliveredId }) => lastDeliveredId),
      };
    }),
  );
};

/** Those that are not done. */
export const unfinished = (all: readonly Backlog[]): Backlog[] =>
  all.filter(({ lag, pending, parked }) => lag + pending + parked > 0);
