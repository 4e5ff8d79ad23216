import type { RedisTransport } from '@millrace/streams/redis';
import { groupOf } from './endpoint.js';
import { EndpointStates } from './endpoint-states.js';

const PAGE = 500;

/**
 * Enables an endpoint and has it tried at once: its breakers close in every process within three seconds, and what is
 * scheduled for a later attempt is due now. Gives how many those are. Rejects with `Unavailable`.
 */
export const retryNow = async (transport: RedisTransport, endpoint: string, now: number): Promise<number> => {
  const group = groupOf(endpoint);
  let count = 0;
  for (let partition = 0; partition < transport.partitions.count; partition += 1) {
    const key = transport.keys.parked(group, partition);
    count += await makeDue(transport.connections.connectTo(key, 'endpoint retries'), key, now);
  }
  // Last: whoever begins anew by it finds them due.
  await new EndpointStates(transport).on(endpoint, now);
  return count;
};

/**
 * Those that are due after `now` are due then; one that is settled meanwhile stays so. No more than there are at first: one
 * that fails again meanwhile is scheduled again, and would be had tried until it is a dead letter.
 */
const makeDue = async (
  redis: ReturnType<RedisTransport['connections']['connectTo']>,
  key: string,
  now: number,
): Promise<number> => {
  const most = await redis.zcount(key, `(${now}`, '+inf');
  for (let count = 0; ; ) {
    const later = await redis.zrangebyscore(key, `(${now}`, '+inf', 'LIMIT', 0, Math.min(PAGE, most - count));
    if (later.length === 0) return count;
    await redis.zadd(key, 'XX', ...later.flatMap((name) => [now, name]));
    count += later.length;
  }
};
