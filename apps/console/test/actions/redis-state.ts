import { createHash } from 'node:crypto';
import type { RedisTransport } from '@millrace/streams/redis';

/** What stands under the prefix: values of hashes by `key field`, everything else by its key, as digests. */
export type RedisState = ReadonlyMap<string, string>;

const digest = (value: Buffer | string): string => createHash('sha1').update(value).digest('hex');

/** Beside the audit: who runs a job at the moment, and records of deliveries, which are written a while later. */
const NOT_LOOKED_AT = /:audit$|:owner:|\}:trace:/;

/** All that Redis holds for a transport, but for what no action writes. */
export const stateOf = async (transport: RedisTransport): Promise<RedisState> => {
  const redis = transport.connections.connect('state of the tests');
  const { prefix } = transport.keys;
  const keys = (await redis.keys(`${prefix}*`)).filter((key) => !NOT_LOOKED_AT.test(key)).sort();
  const found = new Map<string, string>();
  for (const key of keys) {
    const name = key.slice(prefix.length);
    if ((await redis.type(key)) === 'hash') {
      for (const [field, value] of Object.entries(await redis.hgetall(key)))
        found.set(`${name} ${field}`, digest(value));
    } else {
      const dump = await redis.dumpBuffer(key);
      if (dump !== null) found.set(name, digest(dump));
    }
  }
  return found;
};

/** Names of what differs, sorted. */
export const differences = (before: RedisState, after: RedisState): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name)).sort();
