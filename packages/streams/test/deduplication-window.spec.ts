import { type RedisServer, startRedis } from '@millrace/testkit';
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
});
