import { startRedisInDocker } from './docker.js';
import { jsRedis } from './js.js';
import { nativeRedis, redisModule } from './native.js';
import { startRedisProcess } from './process-server.js';
import type { RedisOptions, RedisServer } from './server.js';

/** Whether tests may use Docker without being told in code. */
export const mayUseDocker = (): boolean => process.env.MILLRACE_TEST_DOCKER === '1';

/** Starts a Redis on the loopback address and waits until it answers. Rejects with one sentence and its log's end. */
export const startRedis = async (options: RedisOptions = {}): Promise<RedisServer> => {
  const { flavour = 'auto', withModule } = options;
  if (flavour === 'js') return startRedisProcess(jsRedis(), options);
  if (flavour === 'docker') return startRedisInDocker(options);
  const native = nativeRedis(withModule);
  if (native) return startRedisProcess(native, options);
  if (flavour === 'native') throw new Error('there is no redis-server or valkey-server on the PATH: install one');
  return mayUseDocker() ? startRedisInDocker(options) : startRedisProcess(jsRedis(), options);
};

/** Whether `startRedis` gives a real Redis or Valkey: one is on the PATH, or Docker may be used. */
export const haveRealRedis = (): boolean => nativeRedis() !== undefined || mayUseDocker();

/** Whether native servers have a module: `MILLRACE_TEST_REDIS_MODULE` names one. */
export const haveRedisModule = (): boolean => nativeRedis() !== undefined && redisModule() !== undefined;
