import { eventDigest } from '@millrace/events';
import { Metrics } from '@millrace/host';
import type { Delivery } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { type RedisServer, startRedis } from '@millrace/testkit';
import { EndToEnd } from '../src/end-to-end.js';

let redis: RedisServer;
let transport: RedisTransport;
let metrics: Metrics;
let endToEnd: EndToEnd;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  transport = new RedisTransport({ url: redis.url, keyPrefix: `e2e${Date.now()}:` });
  metrics = new Metrics();
  endToEnd = new EndToEnd('sink-a', transport.streams, metrics);
});
afterEach(() => transport.close());

const jsonOf = (id: string): string => JSON.stringify({ specversion: '1.0', id, source: '/s', type: 't' });
/** Takes an event in as the gateway does; gives Redis's milliseconds. */
const accept = async (id: string): Promise<number> => {
  const event = { type: 't', json: jsonOf(id) };
  const [result] = await transport.producer.append({ name: 'in', partition: 0 }, [event], {
    digests: [[eventDigest('/s', id)]],
  });
  return Number.parseInt(result?.position ?? '', 10);
};
const deliveryOf = (json: string): Delivery => ({
  event: { type: 't', json },
  attempt: 1,
  position: `${Date.now()}-0`,
  stream: 'topic:orders',
  partition: 0,
});
const counted = async () => {
  const text = await metrics.registry.getSingleMetricAsString('millrace_end_to_end_seconds');
  const numberOf = (what: string): number =>
    Number(new RegExp(`_${what}\\{hop="sink-a",topic="orders"\\} (\\S+)`).exec(text)?.[1] ?? 0);
  return { count: numberOf('count'), sum: numberOf('sum') };
};

describe('EndToEnd', () => {
  it('counts from when the event came in, not from when its topic got it', async () => {
    const at = await accept('1');
    const least = Date.now() - at;
    await endToEnd.sample(deliveryOf(jsonOf('1')), 'orders');
    const { count, sum } = await counted();
    expect(count).toBe(1);
    expect(sum * 1000).toBeGreaterThanOrEqual(Math.max(0, least));
    expect(sum * 1000).toBeLessThanOrEqual(Date.now() - at);
  });

  it('asks once a second for each topic, however much is delivered', async () => {
    await accept('1');
    for (let n = 0; n < 100; n += 1) await endToEnd.sample(deliveryOf(jsonOf('1')), 'orders');
    expect((await counted()).count).toBe(1);
    await endToEnd.sample(deliveryOf(jsonOf('1')), 'refunds');
    expect(await metrics.registry.getSingleMetricAsString('millrace_end_to_end_seconds')).toContain('topic="refunds"');
  });

  it.each([
    ['did not come by the gateway', jsonOf('unknown')],
    ['is no event', '{"id":'],
  ])('says nothing of what %s', async (_, json) => {
    await endToEnd.sample(deliveryOf(json), 'orders');
    expect((await counted()).count).toBe(0);
  });

  it('is no trouble where Redis is away', async () => {
    await transport.close();
    await expect(endToEnd.sample(deliveryOf(jsonOf('1')), 'orders')).resolves.toBeUndefined();
  });
});
