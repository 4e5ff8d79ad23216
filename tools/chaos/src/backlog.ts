import { groupOf } from '@millrace/endpoints';
import { againStream, inEveryPartition, topicOf } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';

import { UNREACHABLE } from './stack.js';

/** What a group has not done yet. */
export interface Backlog {
  readonly group: string;
  readonly lag: number;
  readonly pending: number;
  readonly parked: number;
}

/** The groups of a pipeline with one partition that are not done. */
export const backlogs = async (
  transport: RedisTransport,
  redis: ReturnType<RedisTransport['connect']>,
  topics: readonly string[],
): Promise<Backlog[]> => {
  // What waits for it waits for somebody to enable it.
  const groups = (await transport.registry.groups()).filter(({ group }) => group !== groupOf(UNREACHABLE));
  const all = await Promise.all(
    groups.map(async ({ group, streams }): Promise<Backlog> => {
      const names = streams.flatMap((name) => (name === 'topic:*' ? topics : [name]));
      const read = [
        ...names.filter((name) => topicOf(name) === undefined || topics.includes(name)),
        againStream(group),
      ];
      const states = await transport.inspect(read.flatMap((name) => inEveryPartition(name, 1)));
      const own = states.flatMap((state) => state.groups.filter(({ name }) => name === group));
      const sum = (of: 'lag' | 'pending') => own.reduce((total, state) => total + state[of], 0);
      return {
        group,
        lag: sum('lag'),
        pending: sum('pending'),
        parked: await redis.zcard(transport.keys.parked(group, 0)),
      };
    }),
  );
  return all.filter(({ lag, pending, parked }) => lag + pending + parked > 0);
};
