import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type Answer, RunningConsole } from '../running-console.js';
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

const lab = async (method: string, path = '', body?: object): Promise<Answer> =>
  running.ask(method, `/api/lab/orders${path}`, body);
const when = (what: string, isSo: (view: Answer['body']) => boolean): Promise<Answer['body']> =>
  waitFor(
    async () => {
      const { body } = await lab('GET');
      return isSo(body) && body;
    },
    { what },
  );
const handledIn = ({ consumers }: Answer['body']): number =>
  consumers.reduce((sum: number, { handled }: { handled: number }) => sum + handled, 0);
const FAST = { perSecond: 100 };

it('is not there where the configuration leaves it out', async () => {
  const without = await RunningConsole.start(redis.url, { LAB: 'off' });
  expect((await without.ask('GET', '/api/lab')).status).toBe(404);
  expect((await without.ask('GET', '/api/me')).body).toMatchObject({ lab: false });
  await without.close();
});

describe('the lab', () => {
  it('produces, and consumers of a scratch group handle it', async () => {
    const { body } = await lab('POST', '/produce', { count: 10 });
    expect(body).toMatchObject({ group: 'lab', running: true, length: 10, lag: 10, consumers: [] });
    await lab('POST', '/consumers', { count: 2, ...FAST });
    const done = await when('all to be handled', (view) => handledIn(view) === 10);
    expect(done).toMatchObject({ lag: 0, pending: 0 });
    expect((await running.ask('GET', '/api/lab')).body).toEqual({ topics: ['orders'], next: null });
    expect((await running.ask('GET', '/api/sinks')).body.sinks).toEqual([]);
  });

  it('begins with copies of the newest events, up to a number and a size', async () => {
    const event = (id: number, size: number) => ({
      type: 'order',
      json: `{"specversion":"1.0","id":"${id}","source":"/s","type":"order","data":"${'x'.repeat(size)}"}`,
    });
    const append = (events: { type: string; json: string }[]) =>
      running.transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
    await append(Array.from({ length: 300 }, (_, n) => event(n, 1)));
    expect((await lab('POST', '/produce', { count: 20 })).body).toMatchObject({ length: 220, lag: 220 });
    await lab('DELETE');
    await append(Array.from({ length: 60 }, (_, n) => event(n, 50_000)));
    expect((await lab('POST', '/consumers', { perSecond: 1 })).body).toMatchObject({ length: 20 });
  });

  // Each of these was one click away from the events of real sinks.
  it('touches neither the topic nor its sinks, whatever is done in it', async () => {
    const sink = await new StandInSink(running.transport).start();
    await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
    await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [
      order('1'),
      order('2'),
      order('3'),
    ]);
    await waitFor(() => sink.seen.length === 3, { what: 'the sink' });
    const [before] = await running.transport.streams.inspect([{ name: 'topic:orders', partition: 0 }]);
    await lab('POST', '/consumers', { count: 2, ...FAST });
    await lab('POST', '/produce', { count: 50 });
    await when('all to be handled', (view) => handledIn(view) === 53);
    expect((await lab('POST', '/trim', { maxLength: 1 })).body).toMatchObject({ trimmed: 52, length: 1 });
    await lab('POST', '/consumers/consumer-1/crash', {});
    await lab('POST', '/claim');
    await lab('DELETE');
    const [after] = await running.transport.streams.inspect([{ name: 'topic:orders', partition: 0 }]);
    expect(after).toEqual(before);
    await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [order('4')]);
    await waitFor(() => sink.seen.length > 3, { what: 'the next event' });
    expect(sink.seen).toHaveLength(4);
    await sink.stop();
  });

  it('crashes a consumer, and a live one claims what it held', async () => {
    await lab('POST', '/consumers', FAST);
    await lab('POST', '/consumers/consumer-1/crash', { after: 2 });
    await lab('POST', '/produce', { count: 5 });
    const crashed = await when('the crash', ({ consumers }) => consumers[0].state === 'crashed');
    // What it had read by then: the events come one by one.
    const held = crashed.entries.filter(({ consumer }: { consumer?: string }) => consumer === 'consumer-1');
    expect(held).toHaveLength(crashed.pending);
    expect(held.every(({ deliveries }: { deliveries: number }) => deliveries === 1)).toBe(true);
    expect(crashed.consumers).toMatchObject([{ handled: 2, pending: crashed.pending, crashAfter: null }]);
    expect(await lab('POST', '/claim')).toMatchObject({ status: 409 });
    await lab('POST', '/consumers', FAST);
    await lab('POST', '/claim');
    const claimed = await when('all to be handled', (view) => handledIn(view) === 5);
    expect(claimed.consumers).toMatchObject([{ handled: 2 }, { handled: 3 }]);
    expect(claimed.log.some(({ text }: { text: string }) => text.startsWith('consumer-1 crashed with'))).toBe(true);
  });

  it('hands over what a consumer has before it is taken away', async () => {
    await lab('POST', '/consumers', FAST);
    await lab('POST', '/consumers/consumer-1/crash', {});
    await lab('POST', '/produce', { count: 1 });
    await when('the crash', ({ consumers }) => consumers[0].state === 'crashed');
    expect(await lab('DELETE', '/consumers/consumer-1')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('no other consumer runs') },
    });
    await lab('POST', '/consumers', FAST);
    expect(await lab('DELETE', '/consumers/consumer-1')).toMatchObject({ status: 200 });
    const left = await when('it to be handled by the other', ({ consumers }) => consumers[0].handled === 1);
    expect(left.consumers).toMatchObject([{ name: 'consumer-2' }]);
    expect(await lab('DELETE', '/consumers/consumer-9')).toMatchObject({ status: 404 });
  });

  it('trims its copy, but never what its group has not settled', async () => {
    await lab('POST', '/produce', { count: 200 });
    expect((await lab('POST', '/trim', { maxLength: 10 })).body.trimmed).toBe(0);
    await lab('POST', '/consumers', { count: 5, ...FAST });
    await when('all to be handled', (view) => handledIn(view) === 200);
    expect((await lab('POST', '/trim', { maxLength: 10 })).body).toMatchObject({ trimmed: 190, length: 10 });
  });

  it('begins anew where partitions were raised, and sees all of them', async () => {
    await lab('POST', '/consumers', FAST);
    await running.ask('POST', '/api/partitions/raise', { to: 2 });
    const [{ body }] = await Promise.all([lab('POST', '/produce', { count: 10 }), lab('GET'), lab('GET')]);
    expect(body).toMatchObject({ running: true, length: 10, lag: 10, consumers: [] });
    await lab('POST', '/consumers', FAST);
    await when('all to be handled', (view) => handledIn(view) === 10);
    const each = [0, 1].map((partition) => ({ name: 'lab:orders', partition }));
    const groups = async () =>
      (await running.transport.streams.inspect(each)).map((one) => one.groups.map(({ name }) => name));
    expect(await groups()).toEqual([['lab'], ['lab']]);
    await lab('DELETE');
    expect(await groups()).toEqual([[], []]);
  });

  it('ends, and leaves nothing behind', async () => {
    await lab('POST', '/consumers', { count: 3 });
    expect((await lab('DELETE')).status).toBe(204);
    expect(await running.transport.streams.inspect([{ name: 'lab:orders', partition: 0 }])).toMatchObject([
      { length: 0, groups: [] },
    ]);
    expect((await lab('POST', '/consumers', { count: 21 })).status).toBe(400);
    expect((await running.ask('GET', '/api/lab/none')).status).toBe(404);
  });

  it('makes no copy to trim it, and none to be ended', async () => {
    expect(await lab('POST', '/trim', { maxLength: 1 })).toMatchObject({ status: 409 });
    expect(await lab('DELETE')).toMatchObject({
      status: 404,
      body: { detail: 'No lab of "orders" is running at this console' },
    });
    expect((await lab('GET')).body).toMatchObject({ running: false, length: 0 });
  });
});
