import { itOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import fc from 'fast-check';
import { type Answer, RunningConsole } from '../running-console.js';
import { order } from '../stand-in-sink.js';

const MANY = 12_000;

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
  await running.transport.registry.registerTopics(['orders', 'refunds']);
});
afterEach(() => running.close());

const append = async (name: string, ids: readonly string[], more: object = {}): Promise<void> => {
  for (let from = 0; from < ids.length; from += 500) {
    const events = ids.slice(from, from + 500).map((id) => order(id, { id, ...more }));
    await running.transport.producer.append({ name, partition: 0 }, events);
  }
};
const some = (count: number, what: string) => Array.from({ length: count }, (_, n) => `${what}${n}`);
const ask = async (path: string): Promise<Answer['body']> => {
  const { status, body } = await running.ask('GET', path);
  expect(status).toBe(200);
  return body;
};
/** Goes on by the cursor until there is something, or no more. */
const search = async (path: string, isFound: (page: Answer['body']) => boolean): Promise<Answer['body'][]> => {
  const pages: Answer['body'][] = [];
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1).next) {
    pages.push(await ask(cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`));
    if (isFound(pages.at(-1))) break;
  }
  return pages;
};
const sum = (pages: Answer['body'][]): number => pages.reduce((all, { looked }) => all + looked, 0);

describe('a search', () => {
  itOnRealRedis('for the way of an event beyond the deduplication window goes on to the end of the inbox', async () => {
    await append('in', ['wanted', ...some(MANY, 'e')]);
    const path = '/api/events/trace?source=/s&id=wanted';
    const pages = await search(path, ({ found }) => found);
    expect(pages).toHaveLength(2);
    expect(pages[0]).toMatchObject({ found: false, looked: 10_000, next: expect.any(String) });
    expect(pages[1]).toMatchObject({ found: true, next: null, event: { id: 'wanted' }, inbox: { retained: true } });
  });

  itOnRealRedis('finds an event by its copy, where the inbox has it no more', async () => {
    await append('in', some(10, 'e'));
    await append('topic:refunds', ['wanted', ...some(MANY, 'r')]);
    const pages = await search('/api/events/trace?source=/s&id=wanted', ({ found }) => found);
    const end = pages.at(-1);
    expect(end).toMatchObject({ found: true, inbox: null, event: { id: 'wanted' } });
    expect(end.topics).toMatchObject([{ topic: 'refunds', streamId: expect.any(String) }]);
  });

  itOnRealRedis('says that there is none only when all was looked through', async () => {
    await append('in', some(MANY, 'e'));
    await append('topic:orders', some(300, 'e'));
    const pages = await search('/api/events/trace?source=/s&id=none', ({ found }) => found);
    expect(pages.at(-1)).toMatchObject({ found: false, next: null });
    expect(sum(pages)).toBe(MANY + 300);
    expect((await running.ask('GET', '/api/events/trace?source=/s&id=none&cursor=nowhere')).status).toBe(400);
    expect((await running.ask('GET', '/api/events/trace?source=/s&id=none&cursor=in%20x')).status).toBe(400);
  });

  itOnRealRedis('through a topic says how far it is, by time and by count', async () => {
    await append('topic:orders', ['wanted', ...some(MANY, 'e')]);
    const pages = await search('/api/topics/orders/events?text=WANTED', ({ events }) => events.length > 0);
    expect(pages).toHaveLength(3);
    for (const page of pages) expect(page).toMatchObject({ total: MANY + 1, reachedAt: expect.any(Number) });
    expect(pages[2].reachedAt).toBeLessThanOrEqual(pages[0].reachedAt);
  });

  itOnRealRedis(
    'through dead letters goes on to the oldest, and counts by error say where they are not exact',
    async () => {
      const { transport } = running;
      await transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
      const client = transport.connections.connect('test');
      const key = transport.keys.stream({ name: 'dead:sink-a', partition: 0 });
      const deadLetter = (id: string, error: string) =>
        client.xadd(
          key,
          '*',
          'type',
          'order',
          'event',
          order(id).json,
          'group',
          'sink-a',
          'error',
          error,
          'message',
          'no',
        );
      await deadLetter('wanted', 'TypeError');
      for (const ids of [some(1000, 'a'), some(1000, 'b'), some(500, 'c')]) {
        await Promise.all(ids.map((id) => deadLetter(id, 'RangeError')));
      }
      const pages = await search('/api/dead-letters?text=wanted', ({ deadLetters }) => deadLetters.length > 0);
      expect(pages.length).toBeGreaterThan(1);
      expect(pages.at(-1).deadLetters).toMatchObject([{ error: 'TypeError' }]);
      expect(pages[0]).toMatchObject({ total: 2501, looked: expect.any(Number) });
      const { errors, looked, total } = await ask('/api/dead-letters/groups?group=sink-a');
      expect(total).toBe(2501);
      expect(errors).toMatchObject([{ error: 'RangeError', count: looked, isExact: false }]);
      await client.xtrim(key, 'MAXLEN', 3);
      expect((await ask('/api/dead-letters/groups?group=sink-a')).errors).toMatchObject([{ count: 3, isExact: true }]);
    },
  );

  itOnRealRedis('through large dead letters is whole: a page that is short is not the last', async () => {
    const { transport } = running;
    await transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
    const client = transport.connections.connect('test');
    const key = transport.keys.stream({ name: 'dead:sink-a', partition: 0 });
    for (let n = 0; n < 30; n += 1) {
      const event = order(`e${n}`, { text: 'x'.repeat(600_000) }).json;
      await client.xadd(key, '*', 'type', 'order', 'event', event, 'group', 'sink-a', 'error', 'E', 'message', 'no');
    }
    const pages = await search('/api/dead-letters?limit=100', () => false);
    const found = pages.flatMap(({ deadLetters }) =>
      deadLetters.map(({ event }: { event: string }) => JSON.parse(event).id),
    );
    expect(found).toEqual(some(30, 'e').reverse());
    expect(pages.length).toBeGreaterThan(1);
  });

  // However the sender escaped it, an event that is there is found by its id and by its text.
  itOnRealRedis('finds an event by its id however that was escaped', async () => {
    const escaped = (text: string, which: readonly boolean[]): string =>
      [...text]
        .map((one, i) => {
          const isPlain = !/["\\]/.test(one) && one >= ' ' && one.length === 1;
          const code = `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
          if (one.length > 1) return one;
          return isPlain && which[i % which.length] ? one : code;
        })
        .join('');
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        async (id, which) => {
          const json = `{"specversion":"1.0","id":"${escaped(id, which)}","source":"/s","type":"order"}`;
          await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [{ type: 'order', json }]);
          const { events } = await ask(`/api/topics/orders/events?limit=1&id=${encodeURIComponent(id)}`);
          expect(events[0]?.event.id).toBe(id);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the size of a topic', () => {
  // MEMORY USAGE by itself looks at the first five blocks: what comes first says nothing of the rest.
  itOnRealRedis('is right within a tenth, whatever the sizes of its events', async () => {
    const client = running.transport.connections.connect('test');
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ count: fc.integer({ min: 1, max: 200 }), size: fc.constantFrom(10, 300, 3000, 20_000, 200_000) }),
          { minLength: 1, maxLength: 5 },
        ),
        async (parts) => {
          const key = running.transport.keys.stream({ name: 'topic:orders', partition: 0 });
          await client.del(key);
          let sent = 0;
          for (const { count, size } of parts) {
            const most = Math.max(1, Math.min(count, Math.floor(4_000_000 / size)));
            const events = Array.from({ length: most }, (_, n) => order(`e${n}`, 'x'.repeat(size)));
            sent += events.reduce((sum, { json }) => sum + json.length, 0);
            await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
          }
          const exact = Number(await client.memory('USAGE', key, 'SAMPLES', 0));
          const { bytes } = await ask('/api/topics/orders');
          expect(Math.abs(bytes - exact)).toBeLessThanOrEqual(exact / 10);
          expect(bytes).toBeGreaterThan(sent * 0.9);
        },
      ),
      { numRuns: 15 },
    );
  });
});
