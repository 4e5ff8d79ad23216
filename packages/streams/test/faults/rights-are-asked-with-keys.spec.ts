import { describeOnRealRedis, startRedis } from '@millrace/testkit';
import { Redis } from 'ioredis';
import { DENIED } from '../../src/redis/functions/lua/denied.js';
import { STREAMS_LIBRARY } from '../../src/redis/functions/streams-library.js';

describeOnRealRedis('the commands of a user with keys of its own', () => {
  // Redis up to 8.0 looks for a key behind the end of what it was asked: it says no to what is allowed, or dies.
  it('are asked with a key each, and all are allowed', async () => {
    const server = await startRedis();
    const redis = new Redis(server.url);
    try {
      await redis.call('ACL', 'SETUSER', 'own', 'on', '>secret', 'resetkeys', '~mr:*', '+@all');
      await redis.call('AUTH', 'own', 'secret');
      const commands = [...new Set(STREAMS_LIBRARY.functions.flatMap((name) => STREAMS_LIBRARY.commandsOf(name)))];
      const denied = (keys: string[]) =>
        redis.call('EVAL', `${DENIED}\nreturn denied(KEYS, ARGV)`, keys.length, ...keys, ...commands);
      expect(commands).toContain('SET');
      expect(await denied(['mr:{p0}:a', 'mr:{p0}:b'])).toEqual([]);
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });
});
