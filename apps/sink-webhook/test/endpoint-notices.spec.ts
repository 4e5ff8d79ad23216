import { Operations } from '@millrace/operations';
import { INBOX, type Producer, partitionOf, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis, TcpProxy, waitFor } from '@millrace/testkit';
import { EndpointNotices } from '../src/delivery/endpoint-notices.js';

describeOnRealRedis('the notice that an endpoint is off', () => {
  let redis: RedisServer;
  let proxy: TcpProxy;
  let transport: RedisTransport;
  let witness: RedisTransport;
  let notices: EndpointNotices;
  let tries: number;

  beforeEach(async () => {
    redis = await startRedis();
    proxy = await TcpProxy.to(redis.port);
    transport = new RedisTransport({ url: `redis://127.0.0.1:${proxy.port}` });
    witness = new RedisTransport({ url: redis.url });
    await transport.partitions.ready();
    tries = 0;
    const append: Producer['append'] = (...it) => {
      tries += 1;
      return transport.producer.append(...it);
    };
    notices = new EndpointNotices({ partitions: transport.partitions, producer: { append } }, 'test');
  });
  afterEach(async () => {
    notices.stop();
    await transport.close();
    await witness.close();
    await proxy.close();
    await redis.stop();
  });

  const isTriedAgain = () => waitFor(() => tries >= 2, { what: 'a second try' });
  const sentTo = async (partition: number): Promise<object[]> => {
    const sent = await witness.reader.range({ name: INBOX, partition }, '-', '+', 10);
    return sent.map(({ event }) => JSON.parse(event.json) as object);
  };

  it('waits for a Redis that is away', async () => {
    await proxy.refuse();
    const sent = notices.off('billing', { reason: 'gone' });
    await isTriedAgain();
    await proxy.accept();
    await sent;
    expect(await sentTo(0)).toMatchObject([
      { type: 'millrace.endpoint.off', source: '/millrace/test', data: { endpoint: 'billing', reason: 'gone' } },
    ]);
  });

  it('goes to the partition that it has after a raise', async () => {
    transport.partitions.stop();
    await new Operations(witness).raiser.raise(4, 20_000);
    await notices.off('billing', { reason: 'gone' });
    expect(tries).toBe(2);
    expect(await sentTo(partitionOf('billing', 4))).toMatchObject([{ subject: 'billing' }]);
  });

  it('is given up when the process stops', async () => {
    await proxy.refuse();
    const sent = notices.off('billing', { reason: 'gone' }).catch((error: unknown) => error);
    await isTriedAgain();
    notices.stop();
    expect(await sent).toBeInstanceOf(Unavailable);
    await proxy.accept();
    expect(await sentTo(0)).toEqual([]);
  });
});
