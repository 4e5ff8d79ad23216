import { createLogger, Metrics } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { INBOX, inEveryPartition } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisCluster, startRedisCluster, waitFor } from '@millrace/testkit';
import { Retention } from '../src/retention.js';
import { RouterConfig } from '../src/router-config.js';
import { Upkeep } from '../src/upkeep.js';

const PARTITIONS = 8;
const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const INBOXES = inEveryPartition(INBOX, PARTITIONS);

describeOnRealRedis('a primary that is away', () => {
  let cluster: RedisCluster;
  let transport: RedisTransport;

  beforeAll(async () => {
    cluster = await startRedisCluster({ replicas: 0, config: { 'cluster-require-full-coverage': 'no' } });
    transport = new RedisTransport({ url: cluster.url, partitions: PARTITIONS });
  });
  afterAll(async () => {
    await transport.close();
    await cluster.stop();
  });

  // Protected by `trimPartition`, `ofReachablePrimaries` and `registered`: each stopped all where one was away.
  it('keeps retention and upkeep from none of the others', async () => {
    await transport.partitions.read();
    await transport.registry.registerGroup({ group: 'router', hop: 'router', streams: [INBOX] });
    const events = Array.from({ length: 50 }, (_, n) => ({ type: 't', json: `{"id":"${n}"}` }));
    for (const stream of INBOXES) {
      await transport.producer.append(stream, events);
      const consumer = transport.consumer({ group: 'router', streams: () => [INBOX], partition: stream.partition });
      for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
        await batch.settle(() => ({ kind: 'ack' }));
        break;
      }
    }
    const config = Object.assign(new RouterConfig(), { INBOX_MAX_LENGTH: 10 });
    const retention = new Retention(config, transport, log, new Metrics());
    await new Retention(new RouterConfig(), transport, log, new Metrics()).trim();
    await retention.trim();
    for (const stream of INBOXES) await transport.producer.append(stream, events.slice(0, 5));

    const gone = await cluster.primaryOf(transport.keys.control('sinks'));
    const isGone = await Promise.all(
      INBOXES.map(async (stream) => (await cluster.primaryOf(transport.keys.stream(stream))) === gone),
    );
    expect(new Set(isGone).size).toBe(2);
    const there = INBOXES.filter((_, i) => !isGone[i]);
    await gone.kill();

    // What the routers have not read holds no more: they have read nothing of the five.
    const read = async (): Promise<void> => {
      for (const stream of there) {
        const consumer = transport.consumer({ group: 'router', streams: () => [INBOX], partition: stream.partition });
        for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
          await batch.settle(() => ({ kind: 'ack' }));
          break;
        }
      }
    };
    await read();
    await waitFor(
      async () => {
        await retention.trim();
        const states = await Promise.all(there.map((stream) => transport.streams.inspect([stream])));
        return states.every(([state]) => (state?.length ?? 0) <= 10);
      },
      { what: 'the others to be trimmed', timeoutMs: 40_000 },
    );
    const results = await transport.trimmer.trim(
      INBOXES.map((stream) => ({ stream, retention: { maxLength: 10, maxAgeMs: 0 }, groups: [] })),
    );
    expect(results.map(({ error }) => error !== undefined)).toEqual(isGone);
    expect((await transport.server.memory())?.used).toBeGreaterThan(0);
    await new Operations(transport).doctor.tidy(INBOXES);
    await expect(new Upkeep(new Operations(transport), log).tidy()).rejects.toThrow(); // What is read is known by the one that is away.
  }, 120_000);
});
