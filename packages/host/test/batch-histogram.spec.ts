import { Metrics } from '../src/metrics/metrics.js';

const BOUNDS = [0.1, 1, 10];

/** The lines of one metric, as Prometheus reads them. */
const linesOf = async (metrics: Metrics, name: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

it('counts many at once, in cumulative buckets', async () => {
  const metrics = new Metrics();
  const histogram = metrics.batchHistogram('wait_seconds', 'Waiting', ['topic'], BOUNDS);
  histogram.observe({ topic: 'a' }, 0.1, 3);
  histogram.observe({ topic: 'a' }, 0.5);
  histogram.observe({ topic: 'a' }, 60, 2);
  histogram.observe({ topic: 'b' }, 5);
  expect(await linesOf(metrics, 'wait_seconds')).toEqual([
    'wait_seconds_bucket{topic="a",le="0.1"} 3',
    'wait_seconds_bucket{topic="a",le="1"} 4',
    'wait_seconds_bucket{topic="a",le="10"} 4',
    'wait_seconds_bucket{topic="a",le="+Inf"} 6',
    'wait_seconds_sum{topic="a"} 120.8',
    'wait_seconds_count{topic="a"} 6',
    'wait_seconds_bucket{topic="b",le="0.1"} 0',
    'wait_seconds_bucket{topic="b",le="1"} 0',
    'wait_seconds_bucket{topic="b",le="10"} 1',
    'wait_seconds_bucket{topic="b",le="+Inf"} 1',
    'wait_seconds_sum{topic="b"} 5',
    'wait_seconds_count{topic="b"} 1',
  ]);
});

it('is the same when it is asked for twice', async () => {
  const metrics = new Metrics();
  for (const value of [1, 2])
    metrics.batchHistogram('wait_seconds', 'Waiting', ['topic'], BOUNDS).observe({ topic: 'a' }, value);
  expect(await linesOf(metrics, 'wait_seconds_count')).toEqual(['wait_seconds_count{topic="a"} 2']);
});

it('asks for the samples of a gauge when it is read, and drops those that are gone', async () => {
  const metrics = new Metrics();
  let open = ['a', 'b'];
  metrics.collect('open', 'Open', ['endpoint'], async () => open.map((endpoint) => [{ endpoint }, 1]));
  expect(await linesOf(metrics, 'open')).toEqual(['open{endpoint="a"} 1', 'open{endpoint="b"} 1']);
  open = ['b'];
  expect(await linesOf(metrics, 'open')).toEqual(['open{endpoint="b"} 1']);
});
