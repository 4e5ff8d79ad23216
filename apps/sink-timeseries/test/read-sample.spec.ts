import { sinkEventOf } from '@millrace/sink';
import { readSample } from '../src/read-sample.js';

const PATHS = { metric: 'data.metric', value: 'data.value', time: 'time' };

const read = (rest: object, paths = PATHS) => {
  const json = JSON.stringify({ specversion: '1.0', id: '1', source: 'north', type: 'reading', ...rest });
  const delivery = {
    event: { type: 'reading', json },
    attempt: 1,
    position: '1795000000123-4',
    stream: 'topic:t',
    partition: 0,
  };
  return readSample(sinkEventOf(delivery), paths);
};

describe('readSample', () => {
  it('reads metric, value, time and source', () => {
    expect(read({ time: '2026-11-21T00:00:00+01:00', data: { metric: 'wind', value: -1.5 } })).toEqual({
      metric: 'wind',
      source: 'north',
      value: -1.5,
      timestampMs: Date.parse('2026-11-20T23:00:00Z'),
    });
  });

  it('takes Unix milliseconds, and paths of the user’s own', () => {
    const paths = { metric: 'subject', value: 'data.reading.celsius', time: 'data.at' };
    const sample = read({ subject: 'kitchen', data: { reading: { celsius: 21 }, at: 1000 } }, paths);
    expect(sample).toMatchObject({ metric: 'kitchen', value: 21, timestampMs: 1000 });
  });

  it('gives an event without a time the one at which it was routed: the same at every attempt', () => {
    expect(read({ data: { metric: 'm', value: 1 } }).timestampMs).toBe(1_795_000_000_123);
  });

  it.each([
    [{ data: { value: 1 } }, 'data.metric is missing; it takes the name of a metric'],
    [{ data: { metric: '', value: 1 } }, 'data.metric is ""; it takes the name of a metric'],
    [{ data: { metric: 7, value: 1 } }, 'data.metric is 7; it takes the name of a metric'],
    [{ data: { metric: 'm' } }, 'data.value is missing; it takes a number'],
    [{ data: { metric: 'm', value: '1' } }, 'data.value is "1"; it takes a number'],
    [{ data: 'text' }, 'data.metric is missing; it takes the name of a metric'],
    [{}, 'data.metric is missing; it takes the name of a metric'],
    [
      { time: '21.11.2026', data: { metric: 'm', value: 1 } },
      'time is "21.11.2026"; it takes an RFC 3339 time or Unix milliseconds',
    ],
    [
      { time: '1969-12-31T00:00:00Z', data: { metric: 'm', value: 1 } },
      'time is "1969-12-31T00:00:00Z"; it takes an RFC 3339 time or Unix milliseconds',
    ],
  ])('refuses %j', (rest, message) => {
    expect(() => read(rest)).toThrow(message);
  });
});
