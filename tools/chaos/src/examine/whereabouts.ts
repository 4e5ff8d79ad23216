import type { Connection } from '@millrace/streams/redis';

type Redis = Connection;
type Server = Pick<Redis, 'call'>;

const READS: Readonly<Record<string, (key: string) => [string, ...string[]]>> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
};

/** The keys of Redis that hold an event, by its id: for an event that is missing where it should be. */
export const whereaboutsOf = async (redis: Redis, id: string): Promise<string> => {
  const servers: readonly Server[] = 'nodes' in redis ? redis.nodes('master') : [redis];
  const found = await Promise.all(servers.map((server) => keysWith(server, `"${id}"`)));
  const keys = found.flat();
  return keys.length === 0 ? 'in no key' : `in ${keys.join(', ')}`;
};

const keysWith = async (server: Server, text: string): Promise<string[]> => {
  const keys: string[] = [];
  for (let cursor = '0'; ; ) {
    const [next, page] = (await server.call('SCAN', cursor, 'COUNT', '1000')) as [string, string[]];
    for (const key of page) {
      const read = READS[String(await server.call('TYPE', key))];
      if (
        read !== undefined &&
        JSON.stringify(await server.call(...read(key)))
          .replaceAll('\\', '')
          .includes(text)
      ) {
        keys.push(key);
      }
    }
    if (next === '0') return keys;
    cursor = next;
  }
};
