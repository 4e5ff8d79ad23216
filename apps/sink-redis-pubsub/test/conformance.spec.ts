import { describeSink } from '@millrace/sink/testing';
import { RedisTransport } from '@millrace/streams/redis';
import { startRedis } from '@millrace/testkit';

describeSink('sink-redis-pubsub', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'sink-redis-pubsub',
  delivers: 'at least once',
  startTarget: async () => {
    const ids = new Map<string, string[]>();
    const redis = await startRedis({ flavour: 'native' });
    const transport = new RedisTransport({ url: redis.url });
    const listener = transport.connections.connect('listener');
    listener.on('pmessage', (_pattern: string, channel: string, json: string) => {
      const topic = channel.slice('millrace:'.length);
      ids.set(topic, [...(ids.get(topic) ?? []), (JSON.parse(json) as { id: string }).id]);
    });
    await listener.psubscribe('millrace:*');
    return {
      port: Number(new URL(redis.url).port),
      env: (port) => ({ PUBSUB_URL: `redis://127.0.0.1:${port}` }),
      arrived: async (topic) => ids.get(topic) ?? [],
      stop: async () => {
        await transport.close();
        await redis.stop();
      },
    };
  },
});
