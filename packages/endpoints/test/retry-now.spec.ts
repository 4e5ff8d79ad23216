import { groupOf, retryNow } from '@millrace/endpoints';
import { RedisTransport } from '@millrace/streams/redis';
import { type RedisServer, startRedis } from '@millrace/testkit';

const LATER = 1_000_000;
const NOW = 1000;

describe('retryNow', () => {
  let redis: RedisServer;
  let transport: RedisTransport;

  beforeAll(async () => {
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
    await transport.partitions.ready();
  });

  afterAll(async () => {
    await transport.close();
    await redis.stop();
  });

  it('has each delivery tried once more, also where it fails and is scheduled again meanwhile', async () => {
    const key = transport.keys.parked(groupOf('busy'), 0);
    const sink = transport.connections.connectTo(key, 'a sink');
    const all = Array.from({ length: 1200 }, (_, i) => [LATER + i, `delivery ${i}`])
      .flat()
      .map(String);
    await sink.zadd(key, ...all);
    const asking = { isDone: false };
    const failing = (async () => {
      while (!asking.isDone) await sink.zadd(key, 'XX', ...all);
    })();
    try {
      expect(await retryNow(transport, 'busy', NOW)).toBe(1200);
    } finally {
      asking.isDone = true;
      await failing;
    }
  });

  it('leaves what is due already', async () => {
    const key = transport.keys.parked(groupOf('calm'), 0);
    const sink = transport.connections.connectTo(key, 'a sink');
    await sink.zadd(key, String(NOW - 1), 'due', String(NOW + 1), 'later');
    expect(await retryNow(transport, 'calm', NOW)).toBe(1);
    expect(await sink.zrange(key, '0', '-1', 'WITHSCORES')).toEqual(['due', String(NOW - 1), 'later', String(NOW)]);
  });
});
