import { readFileSync } from 'node:fs';
import type { FeedEvent } from './event.js';

const FILE = new URL('../../data/seattle-weather.csv', import.meta.url);
/** The readings of each day, and their units. */
const METRICS: Readonly<Record<string, string>> = {
  precipitation: 'mm',
  temp_max: 'Cel',
  temp_min: 'Cel',
  wind: 'm/s',
};

/** Where the readings come from; with the metric it names a series. */
export const WEATHER_SOURCE = 'noaa/seattle';
export const WEATHER_METRICS: readonly string[] = Object.keys(METRICS);

const topicsOf = (metric: string, value: number): string[] => [
  'telemetry',
  ...(metric === 'temp_min' && value < 0 ? ['frost'] : []),
];

/** Four daily readings of Seattle's weather from 2012 to 2015: NOAA's record. */
export const weatherEvents = (run: string): FeedEvent[] => {
  const [head = '', ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const columns = head.split(',');
  return lines.flatMap((line) => {
    const cells = line.split(',');
    const date = cells[columns.indexOf('date')] as string;
    return WEATHER_METRICS.map((metric) => {
      const value = Number(cells[columns.indexOf(metric)]);
      return {
        topics: topicsOf(metric, value),
        event: {
          specversion: '1.0' as const,
          id: `${run}-${date}-${metric}`,
          source: WEATHER_SOURCE,
          type: 'weather.reading',
          time: `${date}T00:00:00Z`,
          datacontenttype: 'application/json' as const,
          data: { metric, value, unit: METRICS[metric] },
        },
      };
    });
  });
};
