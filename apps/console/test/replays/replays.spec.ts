import { Operations } from '@millrace/operations';
import { itOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type Answer, RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

const ORDERS = { name: 'topic:orders', partition: 0 };

let redis: RedisServer;
let running: RunningConsole;
let sink: StandInSink;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
  await running.transport.registry.registerTopics(['orders']);
  sink = await new StandInSink(running.transport).start();
});
afterEach(async () => {
  await sink.stop();
  await running.close();
});

const append = async (count: number): Promise<string[]> => {
  const events = Array.from({ length: count }, (_, n) => order(`e${n}`, { n }));
  const results = await running.transport.producer.append(ORDERS, events);
  await waitFor(() => sink.seen.length >= count, { what: 'the events to be delivered once' });
  return results.map(({ position }) => position);
};
const start = async (body: object): Promise<Answer['body']> => {
  const answer = await running.ask('POST', '/api/replays', { topic: 'orders', sink: 'sink-a', ...body });
  expect(answer.status).toBe(202);
  return answer.body;
};
const reached = (id: string, state: string): Promise<Answer['body']> =>
  waitFor(
    async () => {
      const { body } = await running.ask('GET', `/api/replays/${id}`);
      return body.state === state && body;
    },
    { what: `the replay to be ${state}` },
  );
/** Calls of Functions that Redis has had. */
const calls = async (): Promise<number> => {
  const stats = await running.transport.connections.connect('test').info('commandstats');
  return Number(/cmdstat_fcall:calls=(\d+)/.exec(stats)?.[1]);
};
const again = () => sink.seen.map(({ event }) => (JSON.parse(event.json) as { id: string }).id);

describe('a replay', () => {
  itOnRealRedis('hands all that is retained to one sink again, each once, and to no other', async () => {
    const other = await new StandInSink(running.transport, 'sink-b').start();
    const positions = await append(1200);
    await waitFor(() => other.seen.length === 1200, { what: 'the other sink' });
    const { id } = await start({ perSecond: 100_000 });
    const done = await reached(id, 'done');
    expect(done).toMatchObject({ total: 1200, looked: 1200, sent: 1200, pattern: null, error: null });
    await waitFor(() => sink.seen.length === 2400, { what: 'all of them again' });
    expect(sink.seen.slice(1200).map(({ position, stream }) => [stream, position])).toEqual(
      positions.map((position) => ['topic:orders', position]),
    );
    expect(other.seen.length).toBe(1200);
    await other.stop();
    expect((await running.ask('GET', '/api/replays')).body.replays).toMatchObject([{ id, state: 'done' }]);
  });

  itOnRealRedis('takes a range and a pattern, and says before what it would do', async () => {
    const positions = await append(20);
    const body = { from: positions[5], to: positions[14], pattern: { data: { n: [{ numeric: ['>=', 10] }] } } };
    const dry = await running.ask('POST', '/api/replays', { topic: 'orders', sink: 'sink-a', dryRun: true, ...body });
    expect(dry).toMatchObject({ status: 200, body: { matched: 5, leftOut: 0, looked: 10, complete: true } });
    expect(sink.seen.length).toBe(20);
    const { id } = await start(body);
    expect(await reached(id, 'done')).toMatchObject({ looked: 10, sent: 5 });
    await waitFor(() => sink.seen.length === 25, { what: 'five again' });
    expect(again().slice(20)).toEqual(['e10', 'e11', 'e12', 'e13', 'e14']);
  });

  itOnRealRedis('is paused, goes on, and is cancelled', async () => {
    await append(300);
    const { id } = await start({ perSecond: 20 });
    await waitFor(async () => (await running.ask('GET', `/api/replays/${id}`)).body.sent > 0, { what: 'a beginning' });
    expect((await running.ask('POST', `/api/replays/${id}/pause`)).body.state).toBe('paused');
    const held = (await running.ask('GET', `/api/replays/${id}`)).body.sent;
    expect(held).toBeLessThan(300);
    await running.ask('POST', `/api/replays/${id}/resume`);
    await waitFor(async () => (await running.ask('GET', `/api/replays/${id}`)).body.sent > held, { what: 'more' });
    expect((await running.ask('DELETE', `/api/replays/${id}`)).status).toBe(204);
    expect((await running.ask('POST', `/api/replays/${id}/resume`)).status).toBe(409);
    expect((await reached(id, 'cancelled')).sent).toBeLessThan(300);
  });

  itOnRealRedis('goes on where it was when the console is stopped and another one starts', async () => {
    await append(200);
    const { id } = await start({ perSecond: 100 });
    await waitFor(async () => (await running.ask('GET', `/api/replays/${id}`)).body.sent > 0, { what: 'a beginning' });
    const { prefix } = running.transport.keys;
    await running.stopConsole();
    const next = await RunningConsole.start(redis.url, { KEY_PREFIX: prefix });
    await waitFor(async () => (await next.ask('GET', `/api/replays/${id}`)).body.state === 'done', {
      what: 'the replay to be done by the other console',
    });
    await waitFor(() => sink.seen.length >= 400, { what: 'all of them again' });
    expect(new Set(again().slice(200)).size).toBe(200);
    expect(sink.seen.length).toBe(400);
    await next.close();
  });

  itOnRealRedis('ends at what there was when it began, although its end is yet to come', async () => {
    await append(50);
    const { id } = await start({ to: new Date(Date.now() + 3_600_000).toISOString(), perSecond: 50 });
    await waitFor(async () => (await running.ask('GET', `/api/replays/${id}`)).body.sent > 0, { what: 'a beginning' });
    await running.transport.producer.append(ORDERS, [order('later')]);
    expect(await reached(id, 'done')).toMatchObject({ looked: 50, sent: 50 });
    await waitFor(() => sink.seen.length === 101, { what: 'all of them' });
    expect(again().filter((one) => one === 'later')).toHaveLength(1);
  });

  itOnRealRedis('fails, in words, where its sink is forgotten in the middle, and leaves nothing for it', async () => {
    await append(300);
    const { id } = await start({ perSecond: 20 });
    await waitFor(async () => (await running.ask('GET', `/api/replays/${id}`)).body.sent > 0, { what: 'a beginning' });
    await sink.stop();
    await new Operations(running.transport).forgetGroup('sink-a');
    const { error, sent } = await reached(id, 'failed');
    expect(error).toBe('The sink "sink-a" was forgotten');
    expect(sent).toBeLessThan(300);
  });

  itOnRealRedis('is not brought back by whoever pauses it while somebody else cancels it', async () => {
    await append(300);
    for (let round = 0; round < 10; round += 1) {
      const { id } = await start({ perSecond: 1 });
      const cancelled = running.ask('DELETE', `/api/replays/${id}`);
      await Promise.all([cancelled, running.ask('POST', `/api/replays/${id}/pause`)]);
      expect((await running.ask('GET', `/api/replays/${id}`)).body.state).toBe('cancelled');
    }
  });

  itOnRealRedis('looks through what its pattern leaves out by the hundreds, whatever its rate', async () => {
    await append(1000);
    const before = await calls();
    const { id } = await start({ perSecond: 1, pattern: { data: { n: [999] } } });
    expect(await reached(id, 'done')).toMatchObject({ looked: 1000, sent: 1 });
    expect((await calls()) - before).toBeLessThan(50);
  });

  itOnRealRedis(
    'puts no more than a megabyte into one step, and keeps its progress however long it is paused',
    async () => {
      const large = Array.from({ length: 12 }, (_, n) => order(`l${n}`, 'x'.repeat(300_000)));
      await running.transport.producer.append(ORDERS, large);
      await waitFor(() => sink.seen.length === 12, { what: 'the events to be delivered once' });
      await sink.stop();
      const before = await calls();
      const { id } = await start({ perSecond: 100_000 });
      expect(await reached(id, 'done')).toMatchObject({ looked: 12, sent: 12 });
      expect((await calls()) - before).toBeGreaterThanOrEqual(4);
      expect(
        await running.transport.connections
          .connect('test')
          .pttl(running.transport.keys.stream({ name: `replay:${id}`, partition: 0 })),
      ).toBe(-1);
    },
  );

  itOnRealRedis('to an endpoint keeps to its topics and its pattern, but where somebody says otherwise', async () => {
    const { registry } = running.transport;
    const pushes = await new StandInSink(running.transport, 'hook.pushes').start(['hook:pushes']);
    const endpoint = (about: object) =>
      registry.registerGroup({
        group: 'hook.pushes',
        hop: 'sink-webhook',
        streams: ['hook:pushes'],
        about: { ...about },
      });
    await append(20);
    const body = { topic: 'orders', sink: 'hook.pushes' };
    const ask = (more: object) => running.ask('POST', '/api/replays', { ...body, ...more });

    await endpoint({ source: 'file', topics: ['pushes'] });
    for (const more of [{}, { dryRun: true }]) {
      expect(await ask(more)).toMatchObject({
        status: 422,
        body: {
          detail: expect.stringMatching(
            /does not subscribe to the topic "orders"; its topics are pushes; set unfiltered/,
          ),
        },
      });
    }
    expect((await ask({ dryRun: true, unfiltered: true })).body).toMatchObject({ matched: 20, leftOut: 20 });

    const pattern = JSON.stringify({ data: { n: [{ numeric: ['<', 3] }] } });
    await endpoint({ source: 'file', topics: ['orders'], pattern });
    expect((await ask({ dryRun: true })).body).toMatchObject({ matched: 3, leftOut: 17, looked: 20 });
    const { id } = await start(body);
    expect(await reached(id, 'done')).toMatchObject({ looked: 20, sent: 3 });
    await waitFor(() => pushes.seen.length === 3, { what: 'three of them' });

    // What is written in Redis goes before what is registered, where that is served from there.
    await endpoint({ source: 'Redis', topics: ['orders'] });
    await running.ask('PUT', '/api/webhooks/pushes', { url: 'http://h/', topics: ['pushes'] });
    expect((await ask({})).status).toBe(422);
    const all = await start({ ...body, unfiltered: true });
    expect(await reached(all.id, 'done')).toMatchObject({ sent: 20, unfiltered: true });
    expect(
      (await running.ask('POST', '/api/replays', { topic: 'orders', sink: 'sink-a', unfiltered: true })).status,
    ).toBe(400);
    // Its registration is still there: what was sent would wait for nobody.
    await running.ask('DELETE', '/api/webhooks/pushes');
    expect(await ask({ unfiltered: true })).toMatchObject({
      status: 404,
      body: { detail: 'The endpoint "pushes" was deleted' },
    });
    await pushes.stop();
  });

  itOnRealRedis('hands what no route matched to the router again, and nothing else', async () => {
    await running.transport.registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
    const router = await new StandInSink(running.transport, 'router').start(['in']);
    const unrouted = { name: 'topic:unrouted', partition: 0 };
    const [, second] = await running.transport.producer.append(unrouted, [order('u1'), order('u2'), order('u3')]);
    await start({ topic: 'unrouted', sink: 'router', from: second?.position, to: second?.position });
    await waitFor(() => router.seen.length === 1, { what: 'the event to be routed again' });
    expect(router.seen).toMatchObject([{ stream: 'topic:unrouted', position: second?.position, attempt: 1 }]);
    const refused = await running.ask('POST', '/api/replays', { topic: 'orders', sink: 'router' });
    expect(refused).toMatchObject({ status: 422, body: { detail: '"router" does not read the topic "orders"' } });
    await router.stop();
  });

  it.each([
    [{ topic: 'none' }, 404, 'Topic "none" not found'],
    [{ sink: 'nobody' }, 404, 'Sink "nobody" not found'],
    [{ sink: 'elsewhere' }, 422, '"elsewhere" does not read the topic "orders"'],
    [{ pattern: { type: 5 } }, 422, /^pattern: /],
    [
      { from: 'yesterday' },
      400,
      'from must be a time such as 2026-01-31T12:00:00Z, Unix milliseconds or a stream id, got "yesterday"',
    ],
    [{ perSecond: 0 }, 400, /perSecond/],
  ])('is refused: %j', async (body, status, detail) => {
    await running.transport.registry.registerGroup({ group: 'elsewhere', hop: 'sink-x', streams: ['topic:other'] });
    const answer = await running.ask('POST', '/api/replays', { topic: 'orders', sink: 'sink-a', ...body });
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail));
  });
});
