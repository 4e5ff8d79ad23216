import { createLogger, loadConfig, Metrics } from '@millrace/host';
import { openSeriesStore, type StoreKind, seriesName } from '@millrace/series';
import { type SinkEvent, sinkEventOf } from '@millrace/sink';
import { PermanentError, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnTimeSeries, itOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { examineStore } from '../src/check-config.js';
import { SinkTimeseriesConfig } from '../src/sink-timeseries-config.js';
import { Stores } from '../src/stores.js';
import { TimeseriesSink } from '../src/timeseries-sink.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const NOON = 1_795_003_200_000;
const ARRIVED = NOON + 120_000;

let prefixes = 0;

/** The sink on a server and the store of that kind. */
const sinkOn = (kind: StoreKind, urlOf: () => string) => {
  let transport: RedisTransport;
  let stores: Stores;
  let sink: TimeseriesSink;

  beforeEach(async () => {
    prefixes += 1;
    transport = new RedisTransport({ url: urlOf(), keyPrefix: `sink${Date.now()}-${prefixes}:` });
    const prefix = transport.keys.stream({ name: 'series', partition: 0 });
    await openSeriesStore(transport.connections.connectTo(prefix, 'series'), { prefix, kind });
    configure({});
  });
  afterEach(() => transport.close());

  const configure = (environment: Record<string, string>): void => {
    const config = loadConfig(SinkTimeseriesConfig, environment);
    stores = new Stores(transport, config, log);
    sink = new TimeseriesSink(config, stores, new Metrics());
  };

  const examine = (environment: Record<string, string>) =>
    examineStore(transport, loadConfig(SinkTimeseriesConfig, environment));

  const samples = async (metric: string, source = 'north') =>
    (await stores.of(0)).range(
      { series: seriesName(metric, source) },
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    );

  return {
    configure,
    examine,
    samples,
    stored: () => stores.of(0),
    write: (events: readonly SinkEvent[]) => sink.write(events),
  };
};

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
    position: `${ARRIVED}-0`,
    stream: 'topic:telemetry',
    partition: 0,
  };
  return sinkEventOf(delivery);
};

const suite = (kind: StoreKind, urlOf: () => string): void => {
  const { configure, examine, samples, stored, write } = sinkOn(kind, urlOf);

  it('keeps a series for each metric and source, with labels and rollups', async () => {
    const batch = [
      reading('wind', 3, NOON),
      reading('wind', 5, NOON + 30_000),
      reading('wind', 9, NOON + 60_000),
      reading('wind', 7, NOON, 'south'),
    ];
    expect(await write(batch)).toEqual([]);
    expect(await samples('wind')).toEqual([
      { timestampMs: NOON, value: 3 },
      { timestampMs: NOON + 30_000, value: 5 },
      { timestampMs: NOON + 60_000, value: 9 },
    ]);
    expect(await samples('wind', 'south')).toHaveLength(1);
    const store = await stored();
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
    await write(batch);
    await write(batch);
    expect(await samples('wind')).toHaveLength(2);
  });

  it('names the events without a reading; their neighbours land', async () => {
    const failures = await write([
      reading('wind', 1, NOON),
      reading(7, 1, NOON),
      reading('wind', 'x', NOON + 1),
      reading('wind', 2, NOON + 2),
    ]);
    expect(failures.map(({ index }) => index)).toEqual([1, 2]);
    for (const { error } of failures) expect(error).toBeInstanceOf(PermanentError);
    expect(await samples('wind')).toHaveLength(2);
  });

  it('keeps several values of one event, with labels of the user’s own', async () => {
    configure({ VALUE_PATH: 'data.value.*', SERIES_NAME: '{data.metric}:{metric}', SERIES_LABELS: 'kind=type' });
    expect(await write([reading('roof', { wind: 3, rain: 0.5, unit: 'm/s' }, NOON)])).toEqual([]);
    expect(await samples('roof', 'wind')).toEqual([{ timestampMs: NOON, value: 3 }]);
    const [rain] = await (await stored()).find({ metric: 'rain' });
    expect(rain).toMatchObject({ name: 'roof:rain', labels: { metric: 'rain', source: 'north', kind: 'reading' } });
  });

  it('takes a batch in the order of its time', async () => {
    configure({ SERIES_RETENTION: '1m', ROLLUPS: 'sum:1s:10s' });
    const batch = [reading('wind', 2, NOON + 59_000), reading('wind', 3, NOON + 90_000), reading('wind', 1, NOON)];
    expect(await write(batch)).toEqual([]);
    expect(await samples('wind')).toHaveLength(2);
  });

  it('dead-letters a reading from the future, and its series stays as it is', async () => {
    const failures = await write([reading('wind', 1, NOON), reading('wind', 1, ARRIVED + 3_600_001)]);
    expect(failures).toMatchObject([{ index: 1, error: { name: 'PermanentError' } }]);
    expect(failures[0]?.error.message).toMatch('3600001 ms after the event came');
    expect(await samples('wind')).toEqual([{ timestampMs: NOON, value: 1 }]);
  });

  it('dead-letters the readings of a series too many', async () => {
    configure({ SERIES_MAX: '2' });
    await write([reading('wind', 1, NOON), reading('rain', 1, NOON)]);
    const failures = await write([reading('snow', 1, NOON), reading('wind', 1, NOON + 1)]);
    expect(failures).toMatchObject([{ index: 0, error: { name: 'PermanentError' } }]);
    expect(failures[0]?.error.message).toBe(
      'the sample was refused (too-many-series): the series snow:north is new, but the limit of 2 series is reached',
    );
    expect(await samples('wind')).toHaveLength(2);
  });

  it('keeps the greater of two readings of one time', async () => {
    configure({ ON_DUPLICATE: 'max' });
    await write([reading('wind', 3, NOON), reading('wind', 7, NOON), reading('wind', 5, NOON)]);
    expect(await samples('wind')).toEqual([{ timestampMs: NOON, value: 7 }]);
  });

  it('says at the start what would be kept badly', async () => {
    expect(await examine({})).toEqual([]);
    expect(await examine({ ON_DUPLICATE: 'min', SERIES_RETENTION: '1h' })).toMatchObject([
      { verdict: 'warning', detail: expect.stringContaining('less than two buckets of 3600000 ms') },
    ]);
  });

  it('dead-letters a sample that is older than the retention', async () => {
    await write([reading('wind', 1, NOON)]);
    const [failure] = await write([reading('wind', 1, NOON - 91 * 86_400_000)]);
    expect(failure?.error).toBeInstanceOf(PermanentError);
    expect(failure?.error.message).toMatch(/too-old/);
  });
};

describe('TimeseriesSink in plain Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });

  suite('plain', () => server.url);

  describe('beside that', () => {
    const { examine, write } = sinkOn('plain', () => server.url);

    it('says at the start what the store cannot keep', async () => {
      expect(await examine({ ON_DUPLICATE: 'sum' })).toMatchObject([
        { verdict: 'refuse', detail: expect.stringContaining('sum needs the TimeSeries module') },
      ]);
    });

    // The last: the server is gone after it.
    itOnRealRedis('blames nobody while Redis is away', async () => {
      await write([reading('wind', 1, NOON)]);
      await server.kill();
      await expect(write([reading('wind', 2, NOON + 1)])).rejects.toThrow(Unavailable);
    });
  });

  afterAll(() => server.stop());
});

describeOnTimeSeries('TimeseriesSink in the TimeSeries module', (urlOf) => {
  suite('timeseries', urlOf);

  describe('beside that', () => {
    const { examine } = sinkOn('timeseries', urlOf);

    it('can add duplicates up', async () => {
      expect(await examine({ ON_DUPLICATE: 'sum' })).toEqual([]);
    });
  });
});
