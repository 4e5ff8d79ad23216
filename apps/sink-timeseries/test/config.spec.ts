import { loadConfig } from '@millrace/host';
import { checkConfig } from '../src/check-config.js';
import { SinkTimeseriesConfig } from '../src/sink-timeseries-config.js';

const load = (environment: Record<string, string>) => {
  const config = loadConfig(SinkTimeseriesConfig, environment);
  checkConfig(config);
  return config;
};

describe('SinkTimeseriesConfig', () => {
  it('reads rollups with how long they are kept', () => {
    expect(load({ ROLLUPS: 'avg:1m:30d, max:1h:1y,last:1d:0s' }).ROLLUPS).toEqual([
      { aggregate: 'avg', bucketMs: 60_000, retentionMs: 30 * 86_400_000 },
      { aggregate: 'max', bucketMs: 3_600_000, retentionMs: 365 * 86_400_000 },
      { aggregate: 'last', bucketMs: 86_400_000 },
    ]);
  });

  it('reads values, labels, the template and what to ignore', () => {
    const config = load({
      VALUE_PATH: 'data.value,temperature=data.t,data.readings.*',
      SERIES_LABELS: 'data.site,room=subject',
      SERIES_NAME: 'x:{metric}:{data.site}',
      SERIES_IGNORE: '10s:0.5',
      SERIES_CHUNK_SIZE: '128',
    });
    expect(config.VALUE_PATH).toEqual([
      { path: 'data.value' },
      { path: 'data.t', metric: 'temperature' },
      { path: 'data.readings', isEvery: true },
    ]);
    expect(config.SERIES_LABELS).toEqual([
      { label: 'site', path: 'data.site' },
      { label: 'room', path: 'subject' },
    ]);
    expect(config.SERIES_NAME.name((path) => `<${path}>`)).toBe('x:<metric>:<data.site>');
    expect(JSON.stringify(config.SERIES_NAME)).toBe('"x:{metric}:{data.site}"');
    expect(config.SERIES_IGNORE).toEqual({ timeMs: 10_000, value: 0.5 });
    expect(config.SERIES_CHUNK_SIZE).toBe(128);
  });

  it.each([
    [{ ROLLUPS: 'avg:1m:soon' }, /^ROLLUPS must be rollups of the form .*, got "avg:1m:soon"$/],
    [{ ROLLUPS: 'avg:1m,avg:60s:1d' }, 'ROLLUPS: has avg of 60000 ms twice'],
    [{ VALUE_PATH: 'data.*.x' }, /^VALUE_PATH must be paths of numbers.*, got "data.*.x"$/],
    [{ VALUE_PATH: 'data.a,data.b' }, 'two values of one event have the same metric: name them, as temperature=data.t'],
    [{ VALUE_PATH: 'a=data.a,a=data.b' }, 'two values of one event have the same metric: give each another name'],
    [{ VALUE_PATH: 'data.*', SERIES_NAME: '{source}' }, 'SERIES_NAME: an event has several values (VALUE_PATH)'],
    [{ SERIES_NAME: '{metric}{source}' }, /^SERIES_NAME must be a template .*, got "\{metric\}\{source\}"$/],
    [{ SERIES_NAME: '{metric}-{source}' }, 'and a ":" between any two'],
    [{ SERIES_NAME: 'all' }, 'got "all"'],
    [{ SERIES_NAME: '{metric}:{}' }, 'SERIES_NAME must be'],
    [{ SERIES_LABELS: 'source=data.device' }, 'other than metric and source'],
    [{ SERIES_CHUNK_SIZE: '100' }, 'must be a multiple of 8 from 48 to 1048576'],
    [{ SERIES_IGNORE: '10s' }, 'SERIES_IGNORE must be a time and a difference, such as 10s:0.5, got "10s"'],
    [{ SERIES_IGNORE: '10s:1', ON_DUPLICATE: 'max' }, 'SERIES_IGNORE requires ON_DUPLICATE=last, got max'],
  ])('refuses %j', (environment, message) => {
    expect(() => load(environment as Record<string, string>)).toThrow(message);
  });

  it('keeps series apart whose parts differ', () => {
    const { SERIES_NAME: template } = load({ SERIES_NAME: '{metric}/x:y/{source}' });
    const name = (metric: string, source: string) => template.name((path) => (path === 'metric' ? metric : source));
    const names = [name('a', 'b'), name('a/x:y/', 'b'), name('a', 'x:y/b'), name('a/x', 'b'), name('a%3A', 'b')];
    expect(new Set(names).size).toBe(names.length);
  });
});
