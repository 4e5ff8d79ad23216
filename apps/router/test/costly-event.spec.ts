import { parseFile } from '@millrace/definitions';
import { Operations } from '@millrace/operations';
import { ROUTES, RouteTable, Transformer } from '@millrace/routes';
import { INBOX, type Outcome } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { costlyMatch, type RedisServer, startRedis } from '@millrace/testkit';
import { routeBatch } from '../src/route-batch.js';

describe('an event that takes more steps to match than it may', () => {
  let redis: RedisServer;
  let transport: RedisTransport;
  const transformer = new Transformer({ timeoutMs: 1000, maxBytes: 100_000, memoryMb: 128 });

  beforeEach(async () => {
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
    await transport.partitions.read();
  });
  afterEach(async () => {
    await transport.close();
    await redis.stop();
  });
  afterAll(() => transformer.close());

  // Protected by `Steps.take`: without it the search goes on for fifty times as long, or as long as the sender likes.
  it.each([[''], [', transform: \'{ "subject": "s" }\'']])(
    'becomes a dead letter that says so, and its neighbours are routed%s',
    async (transform) => {
      const { pattern, data } = costlyMatch();
      const topic = transform === '' ? 'plain' : 'transformed';
      const group = `router-${topic}`;
      const table = new RouteTable(
        parseFile(
          ROUTES,
          `routes:\n  - { name: costly, pattern: ${JSON.stringify(pattern)}, topics: [no] }\n` +
            `  - { name: all, pattern: { type: [t] }, topics: [${topic}]${transform} }\n`,
          'test.yaml',
        ),
      );
      const event = (id: string, of: unknown) => {
        const json = JSON.stringify({ specversion: '1.0', id, source: '/s', type: 't', data: of });
        return { type: 't', json };
      };
      const inbox = { name: INBOX, partition: 0 };
      await transport.producer.append(inbox, [event('before', 1), event('costly', data), event('after', 2)]);
      const consumer = transport.consumer({ group, streams: () => [INBOX], partition: 0 });
      for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
        const outcomes = await routeBatch(batch, table, transformer);
        await batch.settle((delivery) => outcomes.get(delivery) as Outcome);
        break;
      }
      const routed = await transport.reader.range({ name: `topic:${topic}`, partition: 0 }, '-', '+', 10);
      expect(routed.map(({ event: { json } }) => (JSON.parse(json) as { id: string }).id)).toEqual(['before', 'after']);
      const letters = await new Operations(transport).deadLetters.newest(
        { group, partition: 0, from: '-', to: '+' },
        10,
      );
      expect(letters).toHaveLength(1);
      expect(JSON.stringify(letters[0])).toMatch(
        /the event cannot be matched against the routes: matching exceeds \d+ steps, the limit for an event and patterns of that size/,
      );
    },
  );
});
