import { createLogger, Metrics } from '@millrace/host';
import { seriesName } from '@millrace/series';
import { type SinkEvent, sinkEventOf } from '@millrace/sink';
import { PermanentError, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { itOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { SinkTimeseriesConfig } from '../src/sink-timeseries-config.js';
import { Stores } from '../src/stores.js';
import { TimeseriesSink } from '../src/timeseries-sink.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const NOON = 1_795_003_200_000;

let server: RedisServer;
let transport: RedisTransport;
let stores: Stores;
let sink: TimeseriesSink;

beforeEach(async () => {
  server = await startRedis();
  transport = new RedisTransport({ url: server.url });
  stores = new Stores(transport, log);
  sink = new TimeseriesSink(new SinkTimeseriesConfig(), stores, new Metrics());
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

const reading = (metric: unknown, value: unknown, timestampMs: number, source = 'north'): SinkEvent => {
  const json = JSON.stringify({
    specversion: '1.0',
    id: `${String(metric)}-${timestampMs}`,
    source,
    type: 'reading',
    time: new Date(timestampMs).toISOString(),
    data: { metric, value },
  });
  const delivery = {
    event: { type: 'reading', json },
    attempt: 1,
    position: '1-0',
    stream: 'topic:telemetry',
    partition: 0,
  };
  return sinkEventOf(delivery);
};

const samples = async (metric: string, source = 'north') =>
  (await stores.of(0)).range(
    { series: seriesName(metric, source) },
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  );

describe('TimeseriesSink', () => {
  it('keeps a series for each metric and source, with labels and rollups', async () => {
    const batch = [
      reading('wind', 3, NOON),
      reading('wind', 5, NOON + 30_000),
      reading('wind', 9, NOON + 60_000),
      reading('wind', 7, NOON, 'south'),
    ];
    expect(await sink.write(batch)).toEqual([]);
    expect(await samples('wind')).toEqual([
      { timestampMs: NOON, value: 3 },
      { timestampMs: NOON + 30_000, value: 5 },
      { timestampMs: NOON + 60_000, value: 9 },
    ]);
    expect(await samples('wind', 'south')).toHaveLength(1);
    const store = await stores.of(0);
    const rollup = { aggregate: 'avg', bucketMs: 60_000 } as const;
    expect(await store.latest([{ series: seriesName('wind', 'north'), rollup }])).toEqual([
      { timestampMs: NOON, value: 4 },
    ]);
    expect((await store.find({ source: 'south' })).map(({ labels }) => labels)).toEqual([
      { metric: 'wind', source: 'south' },
    ]);
  });

  it('changes nothing when a batch comes again', async () => {
    const batch = [reading('wind', 3, NOON), reading('wind', 5, NOON + 1)];
    await sink.write(batch);
    await sink.write(batch);
    expect(await samples('wind')).toHaveLength(2);
  });

  it('names the events without a reading; their neighbours land', async () => {
    const failures = await sink.write([
      reading('wind', 1, NOON),
      reading(7, 1, NOON),
      reading('wind', 'x', NOON + 1),
      reading('wind', 2, NOON + 2),
    ]);
    expect(failures.map(({ index }) => index)).toEqual([1, 2]);
    for (const { error } of failures) expect(error).toBeInstanceOf(PermanentError);
    expect(await samples('wind')).toHaveLength(2);
  });

  it('dead-letters a sample that is older than the retention', async () => {
    await sink.write([reading('wind', 1, NOON)]);
    const [failure] = await sink.write([reading('wind', 1, NOON - 91 * 86_400_000)]);
    expect(failure?.error).toBeInstanceOf(PermanentError);
    expect(failure?.error.message).toMatch(/too-old/);
  });

  itOnRealRedis('blames nobody while Redis is away', async () => {
    await sink.write([reading('wind', 1, NOON)]);
    await server.kill();
    await expect(sink.write([reading('wind', 2, NOON + 1)])).rejects.toThrow(Unavailable);
  });
});
