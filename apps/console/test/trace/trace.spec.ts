import { eventDigest } from '@millrace/events';
import { Operations } from '@millrace/operations';
import { itOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type Answer, RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

const IN = { name: 'in', partition: 0 };

let redis: RedisServer;
let running: RunningConsole;
let router: StandInSink;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
  await running.transport.registry.registerTopics(['orders']);
  await running.ask('PUT', '/api/routes/large', {
    pattern: { type: ['order'], data: { amount: [{ numeric: ['>', 10] }] } },
    topics: ['orders'],
  });
  await running.ask('PUT', '/api/routes/refunds', { pattern: { type: ['refund'] }, topics: ['orders'] });
  router = new StandInSink(running.transport, 'router');
  router.outcomeOf = ({ event }) => ({ kind: 'forward', to: [{ to: 'topic:orders', event }] });
});
afterEach(async () => {
  await router.stop();
  await running.close();
});

/** Takes events in as the gateway does. */
const accept = async (...ids: string[]): Promise<void> => {
  const events = ids.map((id) => order(id, { amount: 20 }));
  await running.transport.producer.append(IN, events, { digests: ids.map((id) => [eventDigest('/s', id)]) });
};
const trace = async (id: string): Promise<Answer['body']> =>
  (await running.ask('GET', `/api/events/trace?source=/s&id=${id}`)).body;
const traced = (id: string, isSo: (found: Answer['body']) => boolean, what: string): Promise<Answer['body']> =>
  waitFor(
    async () => {
      const found = await trace(id);
      return isSo(found) && found;
    },
    { what },
  );
const sinkOf = (found: Answer['body']): Answer['body'] => found.topics[0]?.sinks[0];

itOnRealRedis('says that nothing is known of an event that never came', async () => {
  expect(await trace('none')).toMatchObject({ found: false, inbox: null, topics: [], routing: { state: 'unknown' } });
  expect(await running.ask('GET', '/api/events/trace?source=/s')).toMatchObject({ status: 400 });
});

itOnRealRedis('advises no second replay of what was routed again, before other routes are live', async () => {
  await running.transport.registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
  const unrouted = { name: 'topic:unrouted', partition: 0 };
  const [, appended] = await running.transport.producer.append(unrouted, [order('other'), order('lost')]);
  const rerouting = async (id: string) => (await trace(id)).topics[0].rerouting;
  expect(await rerouting('lost')).toEqual({ routedAgain: null, mayRouteAgain: true });
  const at = appended?.position;
  const body = { topic: 'unrouted', sink: 'router', from: at, to: at };
  const { id } = (await running.ask('POST', '/api/replays', body)).body;
  await waitFor(async () => (await rerouting('lost')).routedAgain?.state === 'done', { what: 'the replay to end' });
  expect(await rerouting('lost')).toMatchObject({ routedAgain: { replay: id }, mayRouteAgain: false });
  expect(await rerouting('other')).toEqual({ routedAgain: null, mayRouteAgain: true });
  await running.ask('PUT', '/api/routes/lost', { pattern: { type: ['order'] }, topics: ['orders'] });
  expect(await rerouting('lost')).toMatchObject({ routedAgain: { replay: id }, mayRouteAgain: true });
});

itOnRealRedis('follows an event from the inbox to the sink', async () => {
  await running.transport.registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
  await accept('1', '2');
  const waiting = await trace('2');
  expect(waiting).toMatchObject({
    found: true,
    type: 'order',
    event: { id: '2' },
    inbox: { partition: 0, retained: true },
    routing: { state: 'waiting', changedSince: false },
  });
  expect(waiting.routing.routes).toMatchObject([
    { name: 'large', matched: true, topics: ['orders'] },
    { name: 'refunds', matched: false, leaves: [{ path: 'type', passed: false, seen: ['order'] }] },
  ]);
  await router.start(['in']);
  const routed = await traced('2', ({ routing }) => routing.state === 'done', 'the event to be routed');
  expect(routed.topics).toMatchObject([
    { topic: 'orders', streamId: expect.any(String), transformed: false, sinks: [] },
  ]);
  const sink = await new StandInSink(running.transport).start();
  const done = await traced('2', (found) => sinkOf(found)?.state === 'done', 'the event to be delivered');
  expect(sinkOf(done)).toMatchObject({ group: 'sink-a', endpoint: null, deadLetter: null });
  await sink.stop();
});

itOnRealRedis('tells every failed attempt, until when it is parked, its dead letter, and its redrive', async () => {
  await router.start(['in']);
  const sink = new StandInSink(running.transport, 'sink-a', { maxAttempts: 2 });
  sink.outcomeOf = () => ({ kind: 'retry', cause: new TypeError('not now'), afterMs: 1500 });
  await sink.start();
  await accept('1');
  const parked = await traced(
    '1',
    (found) => sinkOf(found)?.state === 'parked' && sinkOf(found).attempts.length > 0,
    'it to be parked',
  );
  expect(sinkOf(parked)).toMatchObject({
    attempts: [{ attempt: 1, outcome: 'retry', error: 'TypeError', message: 'not now', ms: expect.any(Number) }],
    parkedUntil: expect.any(Number),
  });
  const dead = await traced(
    '1',
    (found) => sinkOf(found)?.state === 'dead' && sinkOf(found).attempts.length > 1,
    'it to die',
  );
  expect(sinkOf(dead)).toMatchObject({
    attempts: [{ outcome: 'retry' }, { attempt: 2, outcome: 'rejected' }],
    deadLetter: { group: 'sink-a', partition: 0 },
    redriven: 0,
  });
  const { group, partition, id } = sinkOf(dead).deadLetter;
  await running.ask('PUT', '/api/trace', { sample: 1 });
  await waitFor(() => running.transport.controls.sample === 1, { what: 'the sink to know' });
  sink.outcomeOf = () => ({ kind: 'ack' });
  await running.ask('POST', `/api/dead-letters/${group}/${partition}/${id}/redrive`, {});
  const again = await traced('1', (found) => sinkOf(found)?.attempts.length === 3, 'it to be delivered after all');
  expect(sinkOf(again)).toMatchObject({ state: 'done', deadLetter: null, redriven: 1 });
  expect(sinkOf(again).attempts[2]).toMatchObject({ attempt: 3, outcome: 'done' });
  await sink.stop();
});

describe('what was given up', () => {
  let sink: StandInSink;
  const client = () => running.transport.connections.connect('test');
  const dead = (count: number) =>
    waitFor(
      async () =>
        (await new Operations(running.transport).deadLetters.counts([{ group: 'sink-a', partition: 0 }]))[0] === count,
      {
        what: `${count} dead letters`,
      },
    );
  const recorded = (id: string) =>
    waitFor(
      async () =>
        (await new Operations(running.transport).traces.of(0, '/s', id)).some(({ outcome }) => outcome === 'dead'),
      {
        what: 'the record of it',
      },
    );

  beforeEach(async () => {
    await router.start(['in']);
    sink = new StandInSink(running.transport);
    sink.outcomeOf = () => ({ kind: 'reject', cause: new TypeError('never') });
    await sink.start();
  });
  afterEach(() => sink.stop());

  itOnRealRedis('is not told of as delivered once its dead letter is purged', async () => {
    await accept('1');
    await dead(1);
    await recorded('1');
    await running.ask('POST', '/api/dead-letters/purge', { filter: {} });
    const found = await traced('1', (one) => sinkOf(one)?.state !== 'done', 'it to be told of');
    expect(sinkOf(found)).toMatchObject({ state: 'purged', deadLetter: null, at: expect.any(Number) });
    expect(sinkOf(found).attempts).toMatchObject([{ outcome: 'rejected', error: 'TypeError' }]);
  });

  itOnRealRedis('is found among thousands that died in the same moment', async () => {
    const ids = Array.from({ length: 1500 }, (_, n) => `e${n}`);
    for (let n = 0; n < ids.length; n += 500) await accept(...ids.slice(n, n + 500));
    await dead(ids.length);
    await recorded('e3');
    expect(sinkOf(await trace('e3'))).toMatchObject({ state: 'dead', deadLetter: { group: 'sink-a' } });
  });

  itOnRealRedis('is not told of as delivered while it waits behind many others to be tried again', async () => {
    const ids = Array.from({ length: 700 }, (_, n) => `e${n}`);
    await accept(...ids.slice(0, 500));
    await accept(...ids.slice(500));
    await dead(ids.length);
    await recorded('e600');
    await sink.stop();
    await running.ask('POST', '/api/sinks/sink-a/pause');
    await running.ask('POST', '/api/dead-letters/redrive', { filter: {}, perSecond: 100_000 });
    const again = running.transport.keys.stream({ name: 'again:sink-a', partition: 0 });
    await waitFor(async () => (await client().xlen(again)) === ids.length, { what: 'all to wait' });
    expect(sinkOf(await trace('e600'))).toMatchObject({ state: 'paused' });
    // As it is behind others that nobody looks through: it is not known, and not said to be delivered.
    const [, one] = (await client().xrange(again, '-', '+', 'COUNT', 1))[0] as [string, string[]];
    for (let n = 0; n < 600; n += 1) await client().xadd(again, '*', ...one);
    expect(sinkOf(await trace('e600'))).not.toMatchObject({ state: 'done' });
  });
});

itOnRealRedis('finds a copy that was routed long after thousands of others', async () => {
  const client = running.transport.connections.connect('test');
  const add = async (stream: string, from: number, at: number, count: number): Promise<void> => {
    const pipeline = client.pipeline();
    const key = running.transport.keys.stream({ name: stream, partition: 0 });
    for (let n = 0; n < count; n += 1) {
      const { type, json } = order(`e${from + n}`, { amount: 20 });
      pipeline.xadd(key, `${at + from + n}-0`, 'type', type, 'event', json);
      if (stream === 'in') {
        const seen = running.transport.keys.seen(0, 0);
        pipeline.hset(seen, eventDigest('/s', `e${from + n}`), `${at + from + n}-0`);
      }
    }
    await pipeline.exec();
  };
  const hourAgo = Date.now() - 3_600_000;
  for (let n = 0; n < 8000; n += 1000) await add('in', n, hourAgo, 1000);
  // Each was routed half an hour after it came in.
  for (let n = 0; n < 8000; n += 1000) await add('topic:orders', n, hourAgo + 1_800_000, 1000);
  const found = await trace('e7900');
  expect(found.topics).toMatchObject([{ topic: 'orders', streamId: `${hourAgo + 1_800_000 + 7900}-0` }]);
});

itOnRealRedis('shows what is recorded, for a time', async () => {
  expect((await running.ask('GET', '/api/trace')).body).toEqual({ sample: 0.01, until: null });
  await running.ask('PUT', '/api/trace', { sample: 1, seconds: 60 });
  const { body } = await running.ask('GET', '/api/trace');
  expect(body).toEqual({ sample: 1, until: expect.any(Number) });
  expect(await running.ask('PUT', '/api/trace', { sample: 2 })).toMatchObject({ status: 400 });
});
