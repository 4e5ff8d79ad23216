import { type Connection } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { startGateway, type TestGateway } from '../gateway.js';

const CLOUDEVENT = { 'content-type': 'application/cloudevents+json' };
const event = (id: string) => ({ specversion: '1.0', id, source: '/s', type: 't' });

describeOnRealRedis('a Redis that is full', () => {
  let redis: RedisServer;
  let gateway: TestGateway;
  let client: Connection;

  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await gateway.close();
    await redis.stop();
  });

  const start = async (config: Parameters<typeof startGateway>[1] = {}): Promise<void> => {
    gateway = await startGateway(redis.url, config);
    client = gateway.transport.connections.connect('test');
  };
  const limit = async (share: number): Promise<void> => {
    const used = (await gateway.transport.server.memory())?.used ?? 0;
    await client.config('SET', 'maxmemory', String(share === 0 ? 0 : Math.round(used / share)));
  };
  const post = (id: string) => gateway.post(event(id), CLOUDEVENT);

  // Protected by `isFull` in `Backpressure`: without it Redis takes events up to its last byte, and the router none.
  it('nearly: a 429 in time, and a 202 when there is room again', async () => {
    await start({ MEMORY_RESERVE: 0.2 });
    await limit(0.9);
    const refused = await waitFor(async () => (await post('1').then((it) => it.status === 429 && it)) || undefined, {
      what: 'a 429',
    });
    expect(refused.body.detail).toMatch(/less than 20% of its memory free; nothing was accepted/);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await limit(0.5);
    await waitFor(async () => (await post('2')).status === 202, { what: 'a 202' });
    expect((await gateway.appended()).at(-1)).toMatchObject({ id: '2' });
  });

  // Protected by `whenFull: false` of `append`: with `allow-oom` it would be accepted.
  it('wholly: a 503 and no crash, and a 202 when there is room again', async () => {
    await start();
    expect((await post('1')).status).toBe(202);
    // Between two looks at the memory: the next request is already on its way to the append.
    const [answered] = await Promise.all([
      waitFor(async () => (await post('too much').then((it) => it.status === 503 && it)) || undefined, {
        what: 'a 503',
      }),
      limit(2),
    ]);
    expect(answered.body).toMatchObject({ status: 503, retryable: true });
    expect((await gateway.get('/health/live')).status).toBe(200);
    await limit(0);
    await waitFor(async () => (await post('2')).status === 202, { what: 'a 202' });
  });

  it('is emptied: who settles goes on, and what was accepted is there', async () => {
    await start();
    for (const id of ['1', '2', '3']) expect((await post(id)).status).toBe(202);
    const { transport } = gateway;
    const consumer = transport.consumer({ group: 'g', streams: () => ['in'], partition: 0 });
    for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
      await limit(2);
      expect((await batch.settle(() => ({ kind: 'ack' }))).stale).toEqual([]);
      break;
    }
    const request = {
      stream: { name: 'in', partition: 0 },
      retention: { maxLength: 1, maxAgeMs: 0 },
      groups: ['g'],
    };
    expect(await transport.trimmer.trim([request])).toMatchObject([{ trimmed: 2 }]);
  });
});
