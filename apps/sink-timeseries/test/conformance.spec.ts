import { openSeriesSource, type SeriesSource } from '@millrace/series';
import { describeSink } from '@millrace/sink/testing';
import { Redis } from 'ioredis';

const SOURCE = '/conformance';

const samplesOf = async (series: SeriesSource, name: string): Promise<number> =>
  (await series.range({ series: name }, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).length;

/**
 * The target is the Redis that the events are in, asked through the store that the sink took. Every event has a series of its
 * own, so that none hides another.
 */
describeSink('sink-timeseries', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'sink-timeseries',
  isLocal: true,
  delivers: 'once',
  data: (n, id) => ({ metric: id, value: n }),
  poison: { data: { metric: 'poison', value: 'warm' } },
  startTarget: async ({ url, keyPrefix }) => {
    const redis = new Redis(url);
    return {
      env: () => ({ ROLLUPS: 'count:1m' }),
      arrived: async () => {
        const series = await openSeriesSource(redis, `${keyPrefix}{p0}:series`);
        const found = (await series?.find({ source: SOURCE })) ?? [];
        const each = await Promise.all(
          found.map(async ({ name, labels }) => {
            const samples = await samplesOf(series as SeriesSource, name);
            return Array<string>(samples).fill(labels?.['metric'] as string);
          }),
        );
        return each.flat();
      },
      stop: async () => redis.disconnect(),
    };
  },
});
