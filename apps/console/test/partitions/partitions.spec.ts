import { type RedisServer, startRedis } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
  await running.transport.registry.registerTopics(['orders']);
});
afterEach(() => running.close());

const raise = (body: object) => running.ask('POST', '/api/partitions/raise', body);

it('are counted, and raised', async () => {
  expect((await running.ask('GET', '/api/partitions')).body).toEqual({ count: 1, raising: null });
  expect(await raise({ to: 3 })).toMatchObject({ status: 200, body: { from: 1, to: 3, closedMs: expect.any(Number) } });
  expect((await running.ask('GET', '/api/partitions')).body).toEqual({ count: 3, raising: null });
  expect((await running.ask('GET', '/api/topics/orders')).body.partitions).toHaveLength(3);
  const { findings } = (await running.ask('GET', '/api/doctor')).body;
  expect(findings).toContainEqual({
    check: 'partitions',
    verdict: 'warning',
    detail: expect.stringMatching(/set it to 3$/),
  });
  const { entries } = (await running.ask('GET', '/api/audit')).body;
  expect(entries).toMatchObject([{ action: 'raise partitions', detail: { from: 1, to: 3 } }]);
});

it('are a page of a list that began when there were fewer', async () => {
  const append = (partition: number, ...ids: string[]) =>
    running.transport.producer.append(
      { name: 'topic:orders', partition },
      ids.map((id) => order(id)),
    );
  await append(0, '1', '2');
  const first = (await running.ask('GET', '/api/topics/orders/events?order=oldest&limit=1')).body;
  await raise({ to: 2 });
  await append(1, '3');
  const { body } = await running.ask('GET', `/api/topics/orders/events?order=oldest&cursor=${first.next}`);
  expect(body.events.map(({ event }: { event: { id: string } }) => event.id)).toEqual(['2', '3']);
});

it('stay where a sink in order is not done, which is named', async () => {
  const sink = await new StandInSink(running.transport, 'sink-a', { order: 'key' }).start();
  await sink.stop();
  await running.transport.registry.registerGroup({
    group: 'sink-a',
    hop: 'sink',
    streams: ['topic:orders'],
    isOrdered: true,
  });
  await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [order('1')]);
  const refused = await raise({ to: 2, waitMs: 1000 });
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/sink-a has 1 event /) } });
  expect((await running.ask('GET', '/api/audit')).body.entries).toEqual([]);
});

it.each([
  [{}, 400],
  [{ to: 0 }, 400],
  [{ to: 2000 }, 400],
  [{ to: 2, waitMs: 10 }, 400],
])('are not raised by %j', async (body, status) => {
  expect(await raise(body)).toMatchObject({ status });
});

it('never get fewer', async () => {
  await raise({ to: 2 });
  expect(await raise({ to: 1 })).toMatchObject({
    status: 422,
    body: { detail: 'there are 2 partitions; the partition count cannot decrease' },
  });
});
