import { openSeriesStore, type SeriesStore, type StoreKind } from '@millrace/series';
import { describeOnTimeSeries, type RedisServer, startRedis } from '@millrace/testkit';
import { type Answer, KEY, RunningConsole } from '../running-console.js';

const NOON = 1_700_049_600_000;
const MINUTE = 60_000;

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const start = async (redisUrl: string): Promise<void> => {
  running = await RunningConsole.start(redisUrl, { PARTITIONS: 2, API_KEYS: [KEY] });
};
afterEach(() => running.close());

const ask = (query: string, headers?: Record<string, string>): Promise<Answer> =>
  running.ask('GET', `/api/series${query}`, undefined, headers);

/** Minutes after noon and values, as text. */
const seen = ({ body }: Answer) =>
  Object.fromEntries(
    body.series.map(({ name, points }: { name: string; points: { timestampMs: number; value: number }[] }) => [
      name,
      points.map(({ timestampMs, value }) => `${(timestampMs - NOON) / MINUTE}:${value}`).join(' '),
    ]),
  );

const store = (partition: number, kind: StoreKind): Promise<SeriesStore> =>
  openSeriesStore(running.transport.connections.connectTo('', 'store'), {
    kind,
    prefix: running.transport.keys.stream({ name: 'series', partition }),
  });

const fill = async (kind: StoreKind): Promise<void> => {
  const rollups = [{ aggregate: 'max', bucketMs: 5 * MINUTE }] as const;
  const series = { retentionMs: 10 * MINUTE, rollups };
  const [one, other] = [await store(0, kind), await store(1, kind)];
  await one.ensure([
    { name: 'wind:north', labels: { metric: 'wind', source: 'north' }, ...series },
    { name: 'rain:north', labels: { metric: 'rain', source: 'north' }, ...series },
  ]);
  await other.ensure([{ name: 'rain:north', labels: { metric: 'rain', source: 'north' }, ...series }]);
  const of = (name: string, ...pairs: [number, number][]) =>
    pairs.map(([minute, value]) => ({ series: name, timestampMs: NOON + minute * MINUTE, value }));
  await one.add(of('wind:north', [0, 9.5], [1, 2], [4, 4], [6, 1 / 3], [11, 5], [14, 3], [15, 8]));
  await one.add(of('rain:north', [0, 1], [2, 3]));
  await other.add(of('rain:north', [1, 5], [7, 7]));
};

const answers = (kind: StoreKind, urlOf: () => string): void => {
  beforeEach(async () => {
    await start(urlOf());
    await fill(kind);
  });

  it(`is asked over the ${kind} store`, async () => {
    const { status, body } = await ask('?filter=metric=wind&limit=1');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        matched: 1,
        series: [
          {
            name: 'wind:north',
            labels: { metric: 'wind', source: 'north' },
            points: [{ timestampMs: NOON + 6 * MINUTE, value: 1 / 3 }],
          },
        ],
      },
    });
  });

  it('gives samples, all partitions together', async () => {
    expect(seen(await ask(''))).toEqual({
      'rain:north': '0:1 1:5 2:3 7:7',
      'wind:north': `6:${1 / 3} 11:5 14:3 15:8`,
    });
    const range = `?from=${NOON + MINUTE}&to=${new Date(NOON + 12 * MINUTE).toISOString()}`;
    expect(seen(await ask(range))).toEqual({ 'rain:north': '1:5 2:3 7:7', 'wind:north': `6:${1 / 3} 11:5` });
  });

  it.each([
    ['avg', '0:3 5:7', `5:${1 / 3} 10:4 15:8`],
    ['min', '0:1 5:7', `5:${1 / 3} 10:3 15:8`],
    ['max', '0:5 5:7', `0:9.5 5:${1 / 3} 10:5 15:8`],
    ['sum', '0:9 5:7', `5:${1 / 3} 10:8 15:8`],
    ['count', '0:3 5:1', '5:1 10:2 15:1'],
    ['last', '0:3 5:7', `5:${1 / 3} 10:3 15:8`],
  ])('gives the %s of buckets, of a rollup where there is one', async (aggregate, rain, wind) => {
    const answer = await ask(`?bucket=5m&aggregate=${aggregate}`);
    expect(seen(answer)).toEqual({ 'rain:north': rain, 'wind:north': wind });
  });

  it('takes several filters', async () => {
    expect(Object.keys(seen(await ask('?filter=source=north&filter=metric!=wind')))).toEqual(['rain:north']);
    expect(Object.keys(seen(await ask('?filter=metric=(rain,wind)&filter=site=')))).toHaveLength(2);
    expect((await ask('?filter=metric=snow')).body).toEqual({ matched: 0, series: [] });
  });
};

describe('series over the API', () => {
  describe('in plain Redis', () => answers('plain', () => redis.url));

  describeOnTimeSeries('in the TimeSeries module', (urlOf) => answers('timeseries', urlOf));

  describe('without any', () => {
    beforeEach(() => start(redis.url));

    it('is an empty answer', async () => {
      expect(await ask('?bucket=1m&aggregate=avg')).toEqual({ status: 200, body: { matched: 0, series: [] } });
      expect((await ask('', {})).status).toBe(401);
    });

    it('says so where this Redis cannot read what there is; the rest of the console goes on', async () => {
      const bare = await startRedis({ flavour: 'js' });
      await running.close();
      await start(bare.url);
      const prefix = running.transport.keys.stream({ name: 'series', partition: 1 });
      await running.transport.connections.connect('test').set(`${prefix}@kind`, 'timeseries');
      const answer = await ask('');
      expect(answer.status).toBe(503);
      expect(answer.body.detail).toMatch('made by the TimeSeries module, which this Redis does not have');
      expect((await fetch(`${running.url}/api/topics`, { headers: { 'x-api-key': KEY } })).status).toBe(200);
      await running.close();
      await bare.stop();
      await start(redis.url);
    });

    it.each([
      [
        '?filter=wind',
        'filter must be label=value, label!=value, label=(one,other), label= (has none) or label!= (has one), got "wind"',
      ],
      ['?from=yesterday', 'from must be a time such as 2026-01-31T12:00:00Z, or Unix milliseconds, got "yesterday"'],
      ['?bucket=5', 'bucket must be a duration like 10s, 1m or 24h, got "5"'],
      ['?bucket=0s&aggregate=avg', 'bucket must be a duration like 10s, 1m or 24h, got "0s"'],
      ['?bucket=5m', 'bucket and aggregate go together, as bucket=1m&aggregate=avg'],
      ['?bucket=5m&aggregate=median', 'aggregate must be one of avg, min, max, sum, count, last, got "median"'],
      ['?limit=5000', 'limit must be a whole number from 1 to 1000, got 5000'],
      ['?fliter=a=b', 'unknown parameter "fliter"; expected limit, filter, from'],
      ['?from=1&from=2', 'from must be a string of at most 40 characters, got ["1","2"]'],
    ])('refuses %s', async (query, detail) => {
      const answer = await ask(query);
      expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } });
    });
  });
});
