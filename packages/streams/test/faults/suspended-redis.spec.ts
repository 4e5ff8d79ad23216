import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';

/** Of the two seconds that ioredis waits for a socket to end, nothing. */
const AT_ONCE_MS = 1000;

describeOnRealRedis('a Redis that is suspended', () => {
  let server: RedisServer;
  let transport: RedisTransport;

  beforeEach(async () => {
    server = await startRedis();
    transport = new RedisTransport({ url: server.url });
    await transport.server.ping();
  });

  afterEach(async () => {
    process.kill(server.pid as number, 'SIGCONT');
    await transport.close();
    await server.stop();
  });

  it('does not keep a transport from closing that asks it how many partitions there are', async () => {
    process.kill(server.pid as number, 'SIGSTOP');
    transport.partitions.start();
    const started = performance.now();
    await transport.close();
    expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
  });
});
