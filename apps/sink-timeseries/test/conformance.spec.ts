import { describeSink } from '@millrace/sink/testing';
import { Redis } from 'ioredis';

const SOURCE = '/conformance';

/** The target is the Redis that the events are in. Every event has a series of its own, so that none hides another. */
describeSink('sink-timeseries', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'sink-timeseries',
  isLocal: true,
  delivers: 'once',
  data: (n, id) => ({ metric: id, value: n }),
  poison: { data: { metric: 'poison', value: 'warm' } },
  startTarget: async ({ url, keyPrefix }) => {
    const redis = new Redis(url);
    const prefix = `${keyPrefix}{p0}:series:`;
    return {
      env: () => ({ ROLLUPS: 'count:1m' }),
      arrived: async () => {
        const ids: string[] = [];
        for (const key of await redis.keys(`${prefix}*`)) {
          const id = new RegExp(`^(e\\d+|before|other|a|b)\\b.*${SOURCE}$`).exec(key.slice(prefix.length))?.[1];
          if (id === undefined) continue;
          const samples = await redis.zcard(key).catch(() => 0);
          for (let n = 0; n < samples; n += 1) ids.push(id);
        }
        return ids;
      },
      stop: async () => redis.disconnect(),
    };
  },
});
