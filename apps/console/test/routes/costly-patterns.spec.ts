import { Pace } from '@millrace/host';
import { atOnce } from '@millrace/patterns';
import { parseRoute } from '@millrace/routes';
import type { Delivery } from '@millrace/streams';
import { costlyMatch, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type EventFilter, eventFilterOf } from '../../src/topics/event-filter.js';
import { verdictsOf } from '../../src/trace/route-verdicts.js';
import { RunningConsole } from '../running-console.js';

const { pattern, data } = costlyMatch();
const eventOf = (id: string, of: unknown) => ({ specversion: '1.0', id, source: '/s', type: 't', data: of });

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url, {});
  await running.transport.registry.registerTopics(['orders']);
});
afterEach(() => running.close());

const append = (stream: string, events: readonly object[]) =>
  running.transport.producer.append(
    { name: stream, partition: 0 },
    events.map((event) => ({ type: 't', json: JSON.stringify(event) })),
  );
const costly = (count: number) => Array.from({ length: count }, (_, n) => eventOf(`costly-${n}`, data));
const either = { $or: [{ data: ['plain'] }, pattern] };
const listed = (cursor?: string) => {
  const query = new URLSearchParams({ pattern: JSON.stringify(either), ...(cursor === undefined ? {} : { cursor }) });
  return running.ask('GET', `/api/topics/orders/events?${query}`);
};

describe('a pattern that takes more steps on an event than it may', () => {
  it('is told so where it is tested', async () => {
    const event = eventOf('1', data);
    for (const given of [event, JSON.stringify(event)]) {
      expect(await running.ask('POST', '/api/routes/test', { pattern, event: given })).toMatchObject({
        status: 422,
        body: { detail: expect.stringMatching(/^event: matching exceeds \d+ steps/) },
      });
    }
  });

  it('leaves the other events of a topic to be found, and says how many it could not tell of', async () => {
    await append('topic:orders', [eventOf('a', 'plain'), ...costly(2), eventOf('b', 'plain')]);
    const { body } = await listed();
    expect(body).toMatchObject({ looked: 4, undecided: 2, next: null });
    expect(body.events.map(({ event }: { event: { id: string } }) => event.id)).toEqual(['b', 'a']);
  });

  // Protected by `Effort`: without it one request goes through all of them.
  it('ends a request before it costs too much, and the next one goes on', async () => {
    await append('topic:orders', [eventOf('a', 'plain'), ...costly(150)]);
    const looked: number[] = [];
    const found: unknown[] = [];
    for (let cursor: string | undefined; ; ) {
      const { body } = await listed(cursor);
      looked.push(body.looked);
      found.push(...body.events);
      if (body.next === null) break;
      cursor = body.next;
    }
    expect(looked.length).toBeGreaterThan(1);
    expect(looked.reduce((sum, one) => sum + one)).toBe(151);
    expect(found).toHaveLength(1);
  });

  it('is counted by a shadow, and ends one that costs too much', async () => {
    await append('in', [eventOf('a', 'plain'), ...costly(1)]);
    const shadow = (last: number) =>
      running.ask('POST', '/api/routes/new/shadow', { last, route: { pattern: either, topics: ['x'] } });
    expect((await shadow(10)).body).toMatchObject({
      events: 2,
      matched: 1,
      undecided: 1,
      undecodable: 0,
      complete: true,
    });
    await append('in', costly(400));
    const { body } = await shadow(1000);
    expect(body).toMatchObject({ complete: false, undecodable: 0 });
    expect(body.events).toBeLessThan(400);
  });

  it('fails a replay in words rather than leave an event out, and is warned of before', async () => {
    const group = { group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] };
    await running.transport.registry.registerGroup(group);
    await append('topic:orders', [eventOf('a', 'plain'), ...costly(1)]);
    const order = { topic: 'orders', sink: 'sink-a', pattern: either };
    const { body: dry } = await running.ask('POST', '/api/replays', { ...order, dryRun: true });
    expect(dry).toMatchObject({ matched: 1, looked: 2 });
    expect(dry.warnings.join()).toMatch(/exceeds the step limit for 1 of the events: the replay fails/);
    const { body: started } = await running.ask('POST', '/api/replays', order);
    const state = async () => (await running.ask('GET', `/api/replays/${started.id}`)).body;
    await waitFor(async () => (await state()).state === 'failed', { what: 'the failure' });
    expect((await state()).error).toMatch(/^The event \S+ of partition 0: matching exceeds \d+ steps/);
  });

  it('is undecided in the trace of an event, beside the routes that are decided', () => {
    const route = (name: string, of: unknown) => parseRoute({ name, pattern: of, topics: ['x'] }, 'test');
    const routes = [route('c', { type: ['u'] }), route('b', pattern), route('a', { type: ['t'] })];
    const verdicts = atOnce(verdictsOf(routes, JSON.stringify(eventOf('1', data))));
    expect(verdicts).toMatchObject([
      { name: 'a', matched: true },
      { name: 'b', matched: false, undecided: expect.stringMatching(/^matching exceeds/) },
      { name: 'c', matched: false },
    ]);
  });
});

describe('a large event that takes many steps', () => {
  const items = Array.from({ length: 20_000 }, (_, n) => ({ l: [{ a: 1 }, { b: 2 }], z: n }));
  const apart = { data: { items: { l: { a: [1], b: [2] }, z: [-1, { exists: true }] } } };
  const large: Delivery = {
    stream: 'topic:orders',
    partition: 0,
    position: '1-0',
    attempt: 1,
    event: { type: 't', json: JSON.stringify(eventOf('1', { items })) },
  };
  /** One that is always due. */
  class Eager extends Pace {
    rests = 0;
    override get isDue(): boolean {
      return true;
    }
    override async rest(): Promise<void> {
      this.rests += 1;
    }
  }

  it('gives others their turn where it is filtered', async () => {
    const filter = eventFilterOf({ pattern: apart }) as EventFilter;
    const pace = new Eager();
    expect(await filter(large, pace)).toBe(false);
    expect(pace.rests).toBeGreaterThan(10);
  });

  it('gives others their turn where its trace says what routes made of it', async () => {
    const pace = new Eager();
    const [verdict] = await pace.through(
      verdictsOf([parseRoute({ name: 'a', pattern: apart, topics: ['x'] }, 'test')], large.event.json),
    );
    expect(verdict).toMatchObject({ matched: false, leaves: [{ passed: true }, { passed: true }, { passed: true }] });
    expect(pace.rests).toBeGreaterThan(10);
  });
});
