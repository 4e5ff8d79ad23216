import { batchHandler, createLogger, Health, loadConfig, Metrics } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { seriesName } from '@millrace/series';
import { Deliverer } from '@millrace/sink';
import type { Batch } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnTimeSeries, waitFor } from '@millrace/testkit';
import { SinkTimeseriesConfig } from '../src/sink-timeseries-config.js';
import { Stores } from '../src/stores.js';
import { TimeseriesSink } from '../src/timeseries-sink.js';

const TOPIC = { name: 'topic:telemetry', partition: 0 };
// Not from the future, whenever the test is run.
const NOON = 1_700_049_600_000;
const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

const suite = (urlOf: () => string): void => {
  let transport: RedisTransport;
  let deliver: (batch: Batch) => Promise<void>;
  let stores: Stores;

  beforeEach(() => {
    transport = new RedisTransport({ url: urlOf(), keyPrefix: `once${Date.now()}:` });
    const metrics = new Metrics();
    const config = loadConfig(SinkTimeseriesConfig, {
      ON_DUPLICATE: 'sum',
      ROLLUPS: 'count:1d',
      VALUE_PATH: 'data.value,drops=data.drops',
      SERIES_MAX: '2',
    });
    stores = new Stores(transport, config, log);
    const sink = new TimeseriesSink(config, stores, metrics);
    const { take } = new Deliverer(sink, { hop: 'sink-timeseries', graceMs: 1000 }, new Health(), metrics);
    deliver = batchHandler(take, []);
  });
  afterEach(() => transport.close());

  const append = (count: number, from = 0, data: object = {}, timeOf = (_: number) => NOON) =>
    transport.producer.append(
      TOPIC,
      Array.from({ length: count }, (_, i) => ({
        type: 'reading',
        json: JSON.stringify({
          specversion: '1.0',
          id: `r${from + i}`,
          source: 'north',
          type: 'reading',
          time: new Date(timeOf(i)).toISOString(),
          data: { metric: 'rain', value: 1, ...data },
        }),
      })),
    );
  const sum = async (metric = 'rain'): Promise<number | undefined> => {
    const all = await (await stores.of(0)).range({ series: seriesName(metric, 'north') }, 0, NOON * 2);
    return all[0]?.value;
  };
  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => [TOPIC.name], partition: 0, ...options });

  it('SUM counts a batch once that two consumers deliver', async () => {
    await append(50);
    const slow = consumer({ claimAfterMs: 60_000 }).batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
    const quick = consumer({ claimAfterMs: 50 }).batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
    const first = (await slow.next()).value;
    const second = (await quick.next()).value;
    await deliver(second);
    await deliver(first);
    expect(await sum()).toBe(50);
    await slow.return?.();
    await quick.return?.();
  });

  it('SUM counts every value of an event once, and an event of which one is refused not again', async () => {
    await append(20, 0, { drops: 7 });
    await append(1, 20, { metric: 'one too many', drops: 7 });
    const batches = consumer().batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
    await deliver((await batches.next()).value);
    expect([await sum(), await sum('drops')]).toEqual([20, 140]);
    const letters = await new Operations(transport).deadLetters.newest(
      { group: 'g', partition: 0, from: '-', to: '+' },
      10,
    );
    expect(letters.map(({ message }) => message)).toEqual([expect.stringContaining('too-many-series')]);
    await batches.return?.();
  });

  it('adds a batch in the order of its time', async () => {
    const backwards = (i: number) => NOON + (2 - i) * 60 * 86_400_000;
    await append(3, 0, {}, backwards);
    const batches = consumer().batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
    await deliver((await batches.next()).value);
    await batches.return?.();
    expect(
      await new Operations(transport).deadLetters.newest({ group: 'g', partition: 0, from: '-', to: '+' }, 10),
    ).toEqual([]);
    expect(await sum()).toBe(1);
  });

  // Protected by `error_of` in `settle`, which reads the answer to every sample.
  it('names a sample that is refused behind one that is not', async () => {
    await append(1, 0, { drops: 1 });
    const batches = () => consumer().batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
    const first = batches();
    await deliver((await first.next()).value);
    await first.return?.();
    const redis = transport.connections.connect('test');
    const key = (await stores.of(0)).keyOf({ series: seriesName('drops', 'north') });
    await redis.call('TS.ADD', key, NOON + 100 * 86_400_000, 1);
    await append(1, 1, { drops: 1 });
    const second = batches();
    await deliver((await second.next()).value);
    await second.return?.();
    const [letter] = await new Operations(transport).deadLetters.newest(
      { group: 'g', partition: 0, from: '-', to: '+' },
      10,
    );
    expect(letter?.message).toMatch(/older than retention/);
  });

  // Protected by TAKEN_AWAY in the settler: a refusal of the store's is no fault of the event.
  it('blames no event while the user may not add samples, says which command it was, and adds them once it may', async () => {
    const admin = transport.connections.connect('acl');
    const user = `limited${Date.now()}`;
    const allow = (...rules: readonly string[]) =>
      admin.call('ACL', 'SETUSER', user, 'reset', 'on', '>p', '~*', '&*', '+@all', ...rules);
    await allow('-ts.madd');
    const limited = new RedisTransport({
      url: urlOf().replace('://', `://${user}:p@`),
      keyPrefix: transport.keys.control('x').slice(0, -'{ctl}:x'.length),
    });
    await append(5);
    const batches = limited
      .consumer({ group: 'g', streams: () => [TOPIC.name], partition: 0, claimAfterMs: 100 })
      .batches(AbortSignal.timeout(20_000))
      [Symbol.asyncIterator]();
    await expect(deliver((await batches.next()).value)).rejects.toThrow(/TS\.MADD.*allow it/);
    expect(
      await new Operations(transport).deadLetters.newest({ group: 'g', partition: 0, from: '-', to: '+' }, 10),
    ).toEqual([]);
    await allow();
    await deliver((await batches.next()).value);
    expect(await sum()).toBe(5);
    await batches.return?.();
    await limited.close();
    await admin.call('ACL', 'DELUSER', user);
  });

  it('makes a series again that was deleted, and counts all that came since', async () => {
    const stop = new AbortController();
    const running = (async () => {
      for await (const batch of consumer({ retryDelayMs: () => 10 }).batches(stop.signal)) await deliver(batch);
    })();
    await append(10);
    await waitFor(async () => (await sum()) === 10, { what: 'the first ten' });
    await transport.connections
      .connect('test')
      .del((await stores.of(0)).keyOf({ series: seriesName('rain', 'north') }));
    await append(5, 10);
    await waitFor(async () => (await sum()) === 5, { what: 'the five that came after' });
    stop.abort();
    await running;
  });
};

describeOnTimeSeries('samples exactly once', suite);
