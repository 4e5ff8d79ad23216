import type { Delivery, Outcome } from '@millrace/streams';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type Answer, KEY, RunningConsole } from '../running-console.js';

const STREAM = { name: 'topic:orders', partition: 0 };

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url, { API_KEYS: [KEY] });
  await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
});
afterEach(() => running.close());

const ask = (method: string, path: string, body?: unknown): Promise<Answer> => running.ask(method, path, body);
const eventOf = (n: number) => ({ specversion: '1.0', id: `e${n}`, source: '/s', type: 'order', data: { n } });
const letters = async (query = ''): Promise<Answer['body'][]> =>
  (await ask('GET', `/api/dead-letters${query}`)).body.deadLetters;

/** Takes what the sink is given until `enough` deliveries came; by default all of them die. */
const deliver = async (
  enough: number,
  outcomeOf: (delivery: Delivery) => Outcome = () => ({ kind: 'reject', cause: new RangeError('too large') }),
): Promise<Delivery[]> => {
  const consumer = running.transport.consumer({ group: 'sink-a', streams: () => ['topic:orders'], partition: 0 });
  const seen: Delivery[] = [];
  for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
    await batch.settle(outcomeOf);
    seen.push(...batch.deliveries);
    if (seen.length >= enough) break;
  }
  return seen;
};
const deadLetter = async (count: number): Promise<void> => {
  const events = Array.from({ length: count }, (_, n) => ({ type: 'order', json: JSON.stringify(eventOf(n)) }));
  await running.transport.producer.append(STREAM, events);
  await deliver(count);
};
const finished = (id: string): Promise<Answer['body']> =>
  waitFor(
    async () => {
      const { body } = await ask('GET', `/api/dead-letters/redrives/${id}`);
      return body.state !== 'running' && body;
    },
    { what: 'the redrive to end' },
  );

describe('dead letters', () => {
  it('are listed by what is in them, and shown one by one', async () => {
    await deadLetter(3);
    expect(await letters('?error=RangeError&type=order&stream=topic:orders&group=sink-a')).toHaveLength(3);
    expect(await letters('?error=TypeError')).toEqual([]);
    expect(await letters('?type=refund')).toEqual([]);
    expect(await letters('?hop=nobody')).toEqual([]);
    const [newest] = await letters('?limit=1');
    const one = await ask('GET', `/api/dead-letters/sink-a/0/${newest.id}`);
    expect(one).toEqual({ status: 200, body: newest });
    expect(newest).toMatchObject({ hop: 'sink-a', stream: 'topic:orders', attempts: 1, message: 'too large' });
    expect(JSON.parse(newest.event)).toEqual(eventOf(2));
  });

  it('are counted by a dry run, and then redriven at a rate, on record', async () => {
    await deadLetter(30);
    const filter = { error: 'RangeError' };
    expect(await ask('POST', '/api/dead-letters/redrive', { filter, dryRun: true })).toEqual({
      status: 200,
      body: { matched: 30, warnings: [] },
    });
    expect(await letters('?limit=100')).toHaveLength(30);
    const started = await ask('POST', '/api/dead-letters/redrive', { filter, perSecond: 1000 });
    expect(started).toMatchObject({ status: 202, body: { matched: 30, state: 'running' } });
    expect(await finished(started.body.id)).toMatchObject({ state: 'done', redriven: 30 });
    expect(await letters()).toEqual([]);
    const again = await deliver(30, () => ({ kind: 'ack' }));
    expect(again.map(({ event }) => JSON.parse(event.json).data.n)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(again.every(({ attempt, stream }) => attempt === 2 && stream === 'topic:orders')).toBe(true);
    const { body } = await ask('GET', '/api/audit');
    expect(body.entries[0]).toMatchObject({ action: 'redrive', detail: { matched: 30, filter } });
    expect(body.entries[0].who).not.toBe('');
  });

  // Protected by XDEL and XADD in one `redrive`: a copy in place of a move leaves two.
  it('that fail again are one dead letter, with all their attempts', async () => {
    await deadLetter(1);
    const { body } = await ask('POST', '/api/dead-letters/redrive', { filter: {} });
    await finished(body.id);
    const [again] = await deliver(1);
    expect(again?.attempt).toBe(2);
    const all = await letters();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ attempts: 2, stream: 'topic:orders' });
    expect(all[0].history).toHaveLength(2);
  });

  it('get as many attempts as a new delivery', async () => {
    await deadLetter(1);
    const [letter] = await letters();
    await ask('POST', `/api/dead-letters/sink-a/0/${letter.id}/redrive`);
    const retry: Outcome = { kind: 'retry', cause: new Error('not yet'), afterMs: 1 };
    const seen = await deliver(5, () => retry);
    expect(seen.map(({ attempt }) => attempt)).toEqual([2, 3, 4, 5, 6]);
    expect(await letters()).toMatchObject([{ attempts: 6 }]);
  });

  it('can be redriven with another event in place of the one that failed', async () => {
    await deadLetter(1);
    const [letter] = await letters();
    const path = `/api/dead-letters/sink-a/0/${letter.id}/redrive`;
    expect(await ask('POST', path, { event: { id: 'e0' } })).toMatchObject({ status: 422 });
    expect(await letters()).toHaveLength(1);
    const event = { ...eventOf(0), data: { n: 1000 } };
    expect(await ask('POST', path, { event })).toEqual({ status: 200, body: { redriven: 1 } });
    const [edited] = await deliver(1, () => ({ kind: 'ack' }));
    expect(JSON.parse((edited as Delivery).event.json)).toEqual(event);
    expect((await ask('POST', path)).status).toBe(404);
    const { body } = await ask('GET', '/api/audit');
    expect(JSON.parse(body.entries[0].detail.was)).toEqual(eventOf(0));
  });

  it('are purged by a filter, after a dry run', async () => {
    await deadLetter(3);
    const [newest] = await letters();
    const filter = { to: newest.id, from: newest.id };
    expect((await ask('POST', '/api/dead-letters/purge', { filter, dryRun: true })).body).toEqual({ matched: 1 });
    expect((await ask('POST', '/api/dead-letters/purge', { filter })).body).toEqual({ purged: 1 });
    expect(await letters()).toHaveLength(2);
    expect((await ask('GET', '/api/audit?limit=1')).body.entries[0]).toMatchObject({ action: 'purge' });
  });

  it('a redrive can be stopped, and leaves the rest', async () => {
    await deadLetter(20);
    const { body } = await ask('POST', '/api/dead-letters/redrive', { filter: {}, perSecond: 1 });
    expect((await ask('DELETE', `/api/dead-letters/redrives/${body.id}`)).status).toBe(204);
    const end = await finished(body.id);
    expect(end.state).toBe('stopped');
    expect((await letters()).length + end.redriven).toBe(20);
    expect((await ask('GET', '/api/dead-letters/redrives')).body.redrives).toHaveLength(1);
  });

  it.each([
    ['GET', '/api/dead-letters?from=yesterday', undefined, 400, /from must be .*, got "yesterday"/],
    ['GET', '/api/dead-letters?colour=red', undefined, 400, /colour/],
    ['GET', '/api/dead-letters/sink-a/0/1-1', undefined, 404, /Dead letter not found/],
    ['GET', '/api/dead-letters/sink-a/x/y', undefined, 404, /Dead letter not found/],
    ['GET', '/api/dead-letters/redrives/none', undefined, 404, /Redrive "none" not found/],
    ['POST', '/api/dead-letters/redrive', {}, 400, /filter/],
    ['POST', '/api/dead-letters/redrive', { filter: {}, perSecond: 0 }, 400, /perSecond/],
    ['POST', '/api/dead-letters/redrive', { filter: { colour: 'red' } }, 400, /colour/],
    ['POST', '/api/dead-letters/redrive', [], 400, /JSON object/],
    ['POST', '/api/dead-letters/purge', { filter: 'all' }, 400, /filter/],
  ])('%s %s %j is refused', async (method, path, body, status, why) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toMatch(why);
  });

  it('need a key', async () => {
    const response = await fetch(`${running.url}/api/dead-letters/purge`, { method: 'POST', body: '{"filter":{}}' });
    expect(response.status).toBe(401);
  });
});
