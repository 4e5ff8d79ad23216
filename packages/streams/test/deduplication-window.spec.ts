import { fuzzRuns, type RedisServer, startRedis } from '@millrace/testkit';
import fc from 'fast-check';
import { MemoryTransport } from '../src/memory/index.js';
import { RedisTransport } from '../src/redis/index.js';
import { numberedEvents } from '../src/testing/events.js';

const INBOX = { name: 'in', partition: 0 };
/** Three quarters of the window are remembered at least: the generation that was begun last may be nearly empty. */
const REMEMBERED = 3000;

describe('the deduplication window', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  // Protected by the count of events in the window's state: by its digests it would end at a half, or a third.
  it.each([1, 2, 3])('remembers as many events whether each has %i digests', async (each) => {
    const deduplication = { windowMs: 60_000, maxEntries: 4000 };
    const transport = new RedisTransport({ url: redis.url, keyPrefix: `window${each}:`, deduplication });
    const digestsOf = (n: number) => Array.from({ length: each }, (_, d) => `${n}:${d}`);
    const statuses = async (from: number, to: number, digests = digestsOf) => {
      const events = numberedEvents(to).slice(from, to);
      const results = await transport.producer.append(INBOX, events, {
        digests: events.map((_, i) => digests(from + i)),
      });
      return new Set(results.map(({ status }) => status));
    };
    for (let from = 0; from < REMEMBERED; from += 100)
      expect(await statuses(from, from + 100)).toEqual(new Set(['accepted']));
    for (let d = 0; d < each; d += 1) {
      expect(await statuses(0, REMEMBERED, (n) => [`${n}:${d}`])).toEqual(new Set(['duplicate']));
    }
    // And no more than the window.
    await statuses(REMEMBERED, REMEMBERED + 4000);
    expect(await statuses(0, 500)).toEqual(new Set(['accepted']));
    await transport.close();
  });

  it('says of generated calls what a plain map says, whatever comes together', async () => {
    const event = fc.record({
      type: fc.constantFrom('a', 'b', 'c'),
      digests: fc.uniqueArray(fc.constantFrom('d1', 'd2', 'd3', 'd4', 'd5'), { maxLength: 2 }),
    });
    const calls = fc.array(fc.array(event, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(calls, fc.constantFrom(1, 4), async (all, frameMaxEvents) => {
        const redisTransport = new RedisTransport({ url: redis.url, keyPrefix: `map${turn++}:`, frameMaxEvents });
        const memory = new MemoryTransport();
        for (const call of all) {
          const events = call.map(({ type }, n) => ({ type, json: `{"n":${n}}` }));
          const digests = call.map((one) => one.digests);
          const statuses = async (transport: Pick<RedisTransport, 'producer'>) =>
            (await transport.producer.append(INBOX, events, { digests })).map(({ status }) => status);
          expect(await statuses(redisTransport)).toEqual(await statuses(memory));
        }
        await Promise.all([redisTransport.close(), memory.close()]);
      }),
      { numRuns: fuzzRuns(40) },
    );
  });
});
