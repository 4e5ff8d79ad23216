import { once } from 'node:events';
import { connect } from 'node:net';
import { itOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

const PARTITIONS = 3;

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url, { PARTITIONS });
  await running.transport.registry.registerTopics(['orders']);
});
afterEach(() => running.close());

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const get = async (path: string): Promise<any> => (await running.ask('GET', path)).body;
/** One after the other, a second apart, each in another partition than the one before. */
const append = async (count: number, from = 0): Promise<void> => {
  const client = running.transport.connections.connect('test');
  for (let n = from; n < from + count; n += 1) {
    const key = running.transport.keys.stream({ name: 'topic:orders', partition: n % PARTITIONS });
    const { type, json } = order(`e${n}`, { n, text: n % 10 === 0 ? 'Zehner' : '' });
    await client.xadd(key, `${(n + 1) * 1000}-0`, 'type', type, 'event', json);
  }
};
const idsOf = ({ events }: { events: { event: { id: string } }[] }): string[] => events.map(({ event }) => event.id);
const names = (from: number, to: number): string[] => {
  const step = from < to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => `e${from + i * step}`);
};

describe('events of a topic', () => {
  it('are given page by page over all partitions, from either end, each once', async () => {
    await append(40);
    const first = await get('/api/topics/orders/events?limit=15');
    expect(idsOf(first)).toEqual(names(39, 25));
    const second = await get(`/api/topics/orders/events?limit=15&cursor=${first.next}`);
    expect(idsOf(second)).toEqual(names(24, 10));
    const third = await get(`/api/topics/orders/events?limit=15&cursor=${second.next}`);
    expect(idsOf(third)).toEqual(names(9, 0));
    expect(third.next).toBeNull();
    const oldest = await get('/api/topics/orders/events?limit=30&order=oldest');
    expect(idsOf(oldest)).toEqual(names(0, 29));
    const rest = await get(`/api/topics/orders/events?limit=30&order=oldest&cursor=${oldest.next}`);
    expect(idsOf(rest)).toEqual(names(30, 39));
    expect(rest.next).toBeNull();
  });

  it('are found by type, id, text and pattern', async () => {
    await append(25);
    const found = async (query: string) => idsOf(await get(`/api/topics/orders/events?${query}`));
    expect(await found('id=e7')).toEqual(['e7']);
    expect(await found('text=zehner')).toEqual(['e20', 'e10', 'e0']);
    expect(await found('type=order&limit=2')).toEqual(['e24', 'e23']);
    expect(await found('type=ord*&limit=1')).toEqual(['e24']);
    expect(await found('type=refund')).toEqual([]);
    const pattern = encodeURIComponent('{"data":{"n":[{"numeric":["<",3]}]}}');
    expect(await found(`pattern=${pattern}`)).toEqual(['e2', 'e1', 'e0']);
    const refused = await running.ask('GET', '/api/topics/orders/events?pattern=%7B%22type%22:5%7D');
    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/^pattern: /) } });
  });

  it('that are looked for end where enough was looked at, and go on from there', async () => {
    const stream = { name: 'topic:orders', partition: 0 };
    await running.transport.producer.append(stream, [order('wanted')]);
    for (let n = 0; n < 12; n += 1) {
      await running.transport.producer.append(
        stream,
        Array.from({ length: 500 }, (_, i) => order(`${n}/${i}`)),
      );
    }
    const first = await get('/api/topics/orders/events?id=wanted');
    expect(first).toMatchObject({ events: [], looked: 5000, next: expect.any(String) });
    const second = await get(`/api/topics/orders/events?id=wanted&cursor=${first.next}`);
    expect(idsOf(second)).toEqual(['wanted']);
    expect(second.next).toBeNull();
  });

  it('are shown one by one with their raw fields', async () => {
    await append(3);
    const [{ streamId, partition }] = (await get('/api/topics/orders/events?id=e1')).events;
    const one = await get(`/api/topics/orders/events/${streamId}?partition=${partition}`);
    expect(one).toMatchObject({
      streamId,
      partition,
      type: 'order',
      event: { id: 'e1' },
      json: order('e1', { n: 1, text: '' }).json,
    });
    expect(one.bytes).toBe(one.json.length);
    expect(one.fields).toEqual([
      ['type', 'order'],
      ['event', one.json],
    ]);
    expect(await running.ask('GET', '/api/topics/orders/events/1-1')).toMatchObject({ status: 404 });
    expect(await running.ask('GET', '/api/topics/orders/events/yesterday')).toMatchObject({ status: 400 });
    expect(await running.ask('GET', '/api/topics/orders/events?cursor=1-1~~~')).toMatchObject({ status: 400 });
  });

  it('are sent as they come, those that are meant', async () => {
    await append(2);
    const stop = new AbortController();
    const response = await fetch(`${running.url}/api/topics/orders/tail?text=zehner`, { signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as ReadableStream<Uint8Array>) text += new TextDecoder().decode(chunk);
    })().catch(() => undefined);
    // The tail begins a moment after the answer: events go in until one arrives.
    let n = 10;
    await waitFor(
      async () => {
        await append(2, n);
        n += 10;
        return text.includes('\n\n');
      },
      { what: 'an event', everyMs: 50 },
    );
    stop.abort();
    await reading;
    const sent = [...text.matchAll(/^event: event\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data as string));
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.every(({ event }) => event.data.text === 'Zehner')).toBe(true);
  });
});

itOnRealRedis('follows a topic for nobody who went before it began', async () => {
  const control = running.transport.connections.connect('test');
  const following = async () => String(await control.client('LIST')).match(/ cmd=xread /g)?.length ?? 0;
  const { hostname, port } = new URL(running.url);
  const before = await following();
  await control.call('CLIENT', 'PAUSE', 300, 'ALL');
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  await new Promise((sent) => socket.write(`GET /api/topics/orders/tail HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`, sent));
  // Answered after the other one, on the same connection to Redis: the console has read both then.
  expect((await running.ask('GET', '/api/me')).status).toBe(200);
  socket.resetAndDestroy();
  await once(socket, 'close');
  await get('/api/topics/orders');
  const stop = new AbortController();
  await fetch(`${running.url}/api/topics/orders/tail`, { signal: stop.signal });
  await waitFor(async () => (await following()) >= before + PARTITIONS, { what: 'the one that is followed' });
  expect(await following()).toBe(before + PARTITIONS);
  stop.abort();
  await waitFor(async () => (await following()) === before, { what: 'nobody to follow any more' });
});

itOnRealRedis('follows no topic any more for who asked on a connection that was busy', async () => {
  const control = running.transport.connections.connect('test');
  const following = async () => String(await control.client('LIST')).match(/ cmd=xread /g)?.length ?? 0;
  const { hostname, port } = new URL(running.url);
  const before = await following();
  const socket = connect(Number(port), hostname);
  // The second answer waits for the first, which never ends.
  socket.write(`GET /api/topics/orders/tail HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`.repeat(2));
  await waitFor(async () => (await following()) === before + 2 * PARTITIONS, { what: 'both to follow' });
  socket.destroy();
  await waitFor(async () => (await following()) === before, { what: 'nobody to follow any more' });
});

it('lets so many follow topics and no more', async () => {
  const stop = new AbortController();
  const ask = () => fetch(`${running.url}/api/topics/orders/tail`, { signal: stop.signal });
  const answers = await Promise.all(Array.from({ length: 100 }, ask));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const refused = await ask();
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ detail: expect.stringMatching(/^Too many live tails/) });
  stop.abort();
  const next = new AbortController();
  await waitFor(
    async () => {
      const { status, body } = await fetch(`${running.url}/api/topics/orders/tail`, { signal: next.signal });
      if (status !== 200) await body?.cancel();
      return status === 200;
    },
    { what: 'room' },
  );
  next.abort();
});

it('shows a topic by partition, group and consumer', async () => {
  await append(6);
  const sink = await new StandInSink(running.transport, 'sink-a', { name: 'host' }).start();
  await waitFor(() => sink.seen.length === 2, { what: 'the events of the first partition' });
  const topic = await get('/api/topics/orders');
  expect(topic).toMatchObject({ name: 'orders', length: 6, added: 6 });
  expect(topic.partitions).toHaveLength(PARTITIONS);
  expect(topic.partitions[0]).toMatchObject({ partition: 0, length: 2, firstId: expect.stringMatching(/^\d+-\d+$/) });
  expect(topic.groups).toMatchObject([{ group: 'sink-a', hop: 'sink-a', lag: 0, pending: 0, oldestPendingAt: null }]);
  expect(topic.groups[0].consumers).toMatchObject([
    { name: expect.stringMatching(/^host-/), partition: 0, pending: 0 },
  ]);
  await sink.stop();
  expect(await running.ask('GET', '/api/topics/none')).toMatchObject({ status: 404 });
});
