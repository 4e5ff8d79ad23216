import { parseFile } from '@millrace/definitions';
import { RedisTransport } from '@millrace/streams/redis';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { ROUTES, RouteError, RouteStore } from '../src/index.js';

/** Of 4,096 alternatives with twelve fields each: 49,152 fields, in a kilobyte. */
const large = (name: string) => {
  const ors = Array.from({ length: 12 }, (_, i) => `"$or":[{"a${i}":[1]},{"b${i}":[1]}]`);
  return { name, pattern: `{${ors.join()}}`, topics: ['t'] };
};
const TOO_MANY = /294912 fields in all their alternatives; the limit is 250000, and "[a-f]" has the most/;
const names = [...'abcdef'];

describe('routes that expand to more than a router should hold', () => {
  let redis: RedisServer;
  let transport: RedisTransport;

  beforeAll(async () => {
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
  });
  afterAll(async () => {
    await transport.close();
    await redis.stop();
  });

  it('are refused in a file', () => {
    expect(parseFile(ROUTES, JSON.stringify({ routes: names.slice(1).map(large) }), 'f')).toHaveLength(5);
    expect(() => parseFile(ROUTES, JSON.stringify({ routes: names.map(large) }), 'f')).toThrow(TOO_MANY);
  });

  it('are refused where they are put or promoted, and not where one takes the place of another', async () => {
    const store = new RouteStore(transport);
    const by = { who: 'test' };
    await store.put(names.slice(1).map(large), by);
    await expect(store.put([large('a')], by)).rejects.toThrow(TOO_MANY);
    await expect(store.put([large('a')], by)).rejects.toThrow(RouteError);
    await store.draft(large('a'));
    await expect(store.promote('a', by)).rejects.toThrow(TOO_MANY);
    await store.put([large('b')], by);
    await store.delete('b', by);
    await store.promote('a', by);
    expect((await store.read()).definitions).toHaveLength(5);
  });
});
