import { SeriesKeys, seriesName } from '../src/keys.js';

it('names made of parts stay readable and differ where the parts do', () => {
  expect(seriesName('https://x/y', 'temp')).toBe('https%3A//x/y:temp');
  const names = [
    seriesName('a:b', 'c'),
    seriesName('a', 'b:c'),
    seriesName('a%3Ab', 'c'),
    seriesName('a', '', 'c'),
    seriesName('a:', 'c'),
  ];
  expect(new Set(names).size).toBe(names.length);
});

it('keys of a prefix share its hash tag', () => {
  const keys = new SeriesKeys('mr:{p0}:series');
  expect(keys.of({ series: 'a' })).toBe('mr:{p0}:series:a');
  expect(keys.of({ series: 'a', rollup: { aggregate: 'avg', bucketMs: 60_000 } })).toBe('mr:{p0}:series:a@avg:60000');
  expect(keys.catalogue).toBe('mr:{p0}:series@catalogue');
});

it('a prefix without a hash tag becomes one', () => {
  expect(new SeriesKeys('telemetry:metrics').of({ series: '}a{' })).toBe('{telemetry:metrics}:}a{');
  for (const prefix of ['a{b', '{}:a', 'a}b']) expect(() => new SeriesKeys(prefix)).toThrow(RangeError);
});
