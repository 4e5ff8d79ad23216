import { againStream, deadStream, type StreamName } from '@millrace/streams';
import type { Connection, Keys } from '@millrace/streams/redis';
import { isNothing } from '@millrace/streams/redis/internal';

/**
 * Forgets a group and all that was kept for it: its pending entries, what is queued for another attempt, its dead letters. If it
 * comes again it begins with what the streams still hold. Rejects with `Unavailable`.
 */
export const forgetGroup = async (
  redis: Connection,
  keys: Keys,
  group: string,
  streams: readonly StreamName[],
): Promise<void> => {
  await redis.hdel(keys.control('sinks'), group);
  for (const stream of streams) await destroy(redis, keys, group, stream);
  for (const partition of new Set(streams.map((stream) => stream.partition))) {
    const own = [deadStream(group), againStream(group)].map((name) => keys.stream({ name, partition }));
    const parked = [keys.parked(group, partition), keys.payloads(group, partition)];
    await redis.unlink(...own, ...parked, keys.lease(group, partition));
  }
};

const destroy = async (redis: Connection, keys: Keys, group: string, stream: StreamName): Promise<void> => {
  await redis.xgroup('DESTROY', keys.stream(stream), group).catch((error: Error) => {
    if (!isNothing(error)) throw error;
  });
  await redis.hdel(keys.frames(stream.partition), `settled ${stream.name} ${group}`);
};
