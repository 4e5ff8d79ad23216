import { sinkEventOf } from '@millrace/sink';
import { type ReadingPaths, readReadings } from '../src/read-readings.js';
import { SeriesTemplate } from '../src/series-template.js';

const ARRIVED = 1_795_000_000_123;

const PATHS: ReadingPaths = {
  metric: 'data.metric',
  values: [{ path: 'data.value' }],
  time: 'time',
  labels: [],
  series: SeriesTemplate.parse('{metric}:{source}') as SeriesTemplate,
  maxAheadMs: 3_600_000,
};

const read = (rest: object, paths: Partial<ReadingPaths> = {}) => {
  const json = JSON.stringify({ specversion: '1.0', id: '1', source: 'north', type: 'reading', ...rest });
  const delivery = {
    event: { type: 'reading', json },
    attempt: 1,
    position: `${ARRIVED}-4`,
    stream: 'topic:t',
    partition: 0,
  };
  return readReadings(sinkEventOf(delivery), { ...PATHS, ...paths });
};
const template = (text: string) => SeriesTemplate.parse(text) as SeriesTemplate;
const pairs = (readings: ReturnType<typeof read>) => readings.map(({ series, value }) => [series, value]);

describe('readReadings', () => {
  it('reads metric, value, time and source', () => {
    expect(read({ time: '2026-11-18T01:00:00+01:00', data: { metric: 'wind', value: -1.5 } })).toEqual([
      {
        series: 'wind:north',
        labels: { metric: 'wind', source: 'north' },
        value: -1.5,
        timestampMs: Date.parse('2026-11-18T00:00:00Z'),
      },
    ]);
  });

  it('takes Unix milliseconds, and paths of the user’s own', () => {
    const paths = { metric: 'subject', values: [{ path: 'data.reading.celsius' }], time: 'data.at' };
    const [reading] = read({ subject: 'kitchen', data: { reading: { celsius: 21 }, at: 1000 } }, paths);
    expect(reading).toMatchObject({ series: 'kitchen:north', value: 21, timestampMs: 1000 });
  });

  it('gives an event without a time the one at which it was routed: the same at every attempt', () => {
    expect(read({ data: { metric: 'm', value: 1 } })[0]?.timestampMs).toBe(ARRIVED);
  });

  it('names series by a template, and escapes what it puts in', () => {
    const series = template('site/{data.site}:{metric}');
    const [reading] = read({ data: { site: 'a:b', metric: 'm', value: 1 } }, { series });
    expect(reading?.series).toBe('site/a%3Ab:m');
    expect(() => read({ data: { site: {}, metric: 'm', value: 1 } }, { series })).toThrow(
      'data.site must be a string, a number or a boolean to name series by, got {}',
    );
  });

  it('gives labels what the event has of them', () => {
    const labels = [
      { label: 'floor', path: 'data.floor' },
      { label: 'room', path: 'subject' },
    ];
    const [reading] = read({ data: { floor: 3, metric: 'm', value: 1 } }, { labels });
    expect(reading?.labels).toEqual({ floor: '3', metric: 'm', source: 'north' });
  });

  it('takes several values of one event, each by its own path', () => {
    const values = [
      { path: 'data.t', metric: 'temperature' },
      { path: 'data.h', metric: 'humidity' },
    ];
    expect(pairs(read({ data: { t: 20, h: 0.4 } }, { values }))).toEqual([
      ['temperature:north', 20],
      ['humidity:north', 0.4],
    ]);
    expect(pairs(read({ data: { h: 0.4 } }, { values }))).toEqual([['humidity:north', 0.4]]);
    expect(() => read({ data: {} }, { values })).toThrow(
      'the event has none of data.t, data.h; at least one of them must be a number',
    );
    expect(() => read({ data: { t: 20, h: '40%' } }, { values })).toThrow('data.h must be a number, got "40%"');
  });

  it('takes every number of an object, and leaves the rest of it', () => {
    const values = [{ path: 'data', isEvery: true }];
    expect(pairs(read({ data: { wind: 3, unit: 'm/s', rain: 0 } }, { values }))).toEqual([
      ['wind:north', 3],
      ['rain:north', 0],
    ]);
    expect(() => read({ data: { unit: 'm/s' } }, { values })).toThrow('must be an object with a number in it');
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`m${i}`, i]));
    expect(() => read({ data: many }, { values })).toThrow('the event has 101 values; the limit is 100');
    const twice = [...values, { path: 'data.wind', metric: 'rain' }];
    expect(() => read({ data: { wind: 3, rain: 0 } }, { values: twice })).toThrow('two values of the metric rain');
  });

  it('refuses times from the future, by when the event came', () => {
    const at = (aheadMs: number) => ({
      time: new Date(ARRIVED + aheadMs).toISOString(),
      data: { metric: 'm', value: 1 },
    });
    expect(read(at(3_600_000))).toHaveLength(1);
    expect(() => read(at(3_600_001))).toThrow(
      `time is "${at(3_600_001).time}", 3600001 ms after the event came; the limit is 3600000 ms (SERIES_MAX_AHEAD)`,
    );
    expect(read(at(1e12), { maxAheadMs: 0 })).toHaveLength(1);
  });

  it.each([
    [{ data: { value: 1 } }, 'data.metric must be the name of a metric, got nothing'],
    [{ data: { metric: '', value: 1 } }, 'data.metric must be the name of a metric, got ""'],
    [{ data: { metric: 7, value: 1 } }, 'data.metric must be the name of a metric, got 7'],
    [{ data: { metric: 'm' } }, 'data.value must be a number, got nothing'],
    [{ data: { metric: 'm', value: '1' } }, 'data.value must be a number, got "1"'],
    [{ data: 'text' }, 'data.metric must be the name of a metric, got nothing'],
    [{}, 'data.metric must be the name of a metric, got nothing'],
    [
      { time: '21.11.2026', data: { metric: 'm', value: 1 } },
      'time must be an RFC 3339 time or Unix milliseconds, got "21.11.2026"',
    ],
    [
      { time: '1969-12-31T00:00:00Z', data: { metric: 'm', value: 1 } },
      'time must be an RFC 3339 time or Unix milliseconds, got "1969-12-31T00:00:00Z"',
    ],
  ])('refuses %j', (rest, message) => {
    expect(() => read(rest)).toThrow(message);
  });
});
