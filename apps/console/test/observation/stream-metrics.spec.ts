import { itOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';

const HOUR_MS = 3_600_000;
const REJECTED = { kind: 'reject', cause: new Error('never') } as const;

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => running.close());

const scrape = async (): Promise<string[]> => (await (await fetch(`${running.url}/metrics`)).text()).split('\n');

/** The value of a series, undefined where there is none. */
const sampleOf = async (series: string): Promise<number | undefined> => {
  const line = (await scrape()).find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
};

/** Five orders, of which a sink parks one, gives up on one, and has two in hand, meanwhile. */
const seed = async (meanwhile: () => Promise<void>): Promise<void> => {
  const { transport } = running;
  const json = (id: string) => JSON.stringify({ specversion: '1.0', id, source: '/s', type: 'order' });
  const events = ['1', '2', '3', '4', '5'].map((id) => ({ type: 'order', json: json(id) }));
  await transport.producer.append({ name: 'in', partition: 0 }, events.slice(0, 2));
  await transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
  await transport.registry.registerTopics(['orders']);
  await transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
  const options = { group: 'sink-a', streams: () => ['topic:orders'], partition: 0, maxBatch: 4 };
  for await (const batch of transport.consumer(options).batches(AbortSignal.timeout(5000))) {
    const causes = [{ kind: 'retry', cause: new Error('later'), afterMs: HOUR_MS } as const, REJECTED];
    await batch.settle((_, i) => causes[i] ?? REJECTED, batch.deliveries.slice(0, 2));
    await meanwhile();
    return;
  }
};

it('tells streams, groups and sinks, under the names of redis_exporter where it has one', async () => {
  running = await RunningConsole.start(redis.url);
  let lines: string[] = [];
  await seed(async () => {
    lines = await scrape();
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      'redis_up 1',
      'redis_stream_length{stream="in"} 2',
      'redis_stream_length{stream="topic:orders"} 5',
      'redis_stream_length{stream="topic:unrouted"} 0',
      'redis_stream_group_lag{stream="topic:orders",group="sink-a"} 1',
      'redis_stream_group_messages_pending{stream="topic:orders",group="sink-a"} 2',
      'millrace_sink_lag{sink="sink-a",hop="sink-a"} 1',
      'millrace_sink_pending{sink="sink-a",hop="sink-a"} 2',
      'millrace_sink_parked{sink="sink-a",hop="sink-a"} 1',
      'millrace_sink_dead_letters{sink="sink-a",hop="sink-a"} 1',
      expect.stringMatching(/^millrace_sink_oldest_waiting_seconds\{sink="sink-a",hop="sink-a"\} \d+(\.\d+)?$/),
    ]),
  );
});

itOnRealRedis('tells memory and the append-only file', async () => {
  const own = await startRedis({ config: { appendonly: 'yes', maxmemory: '100mb' } });
  running = await RunningConsole.start(own.url);
  expect(await sampleOf('redis_memory_max_bytes')).toBe(100 * 1024 * 1024);
  expect(await sampleOf('redis_memory_used_bytes')).toBeGreaterThan(0);
  expect(await sampleOf('redis_aof_enabled')).toBe(1);
  expect(await sampleOf('redis_aof_last_write_status')).toBe(1);
  expect(await sampleOf('redis_aof_last_bgrewrite_status')).toBe(1);
  await own.stop();
});

itOnRealRedis('looks once for any number of scrapes within a second', async () => {
  running = await RunningConsole.start(redis.url);
  const client = running.transport.connections.connect('test');
  const looks = async () =>
    Number(/cmdstat_xinfo\|groups:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
  await client.config('RESETSTAT');
  await scrape();
  const one = await looks();
  expect(one).toBeGreaterThan(0);
  await Promise.all(Array.from({ length: 20 }, scrape));
  // The twenty may have been a second after the first one.
  expect(await looks()).toBeLessThanOrEqual(2 * one);
});

it('says that Redis is away, and has no old numbers', async () => {
  const own = await startRedis();
  running = await RunningConsole.start(own.url);
  expect(await sampleOf('redis_up')).toBe(1);
  await own.stop();
  await waitFor(async () => (await sampleOf('redis_up')) === 0, { what: 'the metric' });
  expect((await scrape()).filter((line) => line.startsWith('redis_stream_length{'))).toEqual([]);
});
