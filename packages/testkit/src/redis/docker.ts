import { freePort } from '../free-port.js';
import { startContainer } from '../processes/container.js';
import { awaitPing } from './greeting.js';
import type { RedisOptions, RedisServer } from './server.js';

const IMAGE = 'redis:8';
const DEFAULTS = { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' };

/** Redis 8 in a container of its own; its port is published on the loopback address. */
export const startRedisInDocker = async (options: RedisOptions): Promise<RedisServer> => {
  const port = options.port ?? (await freePort());
  const settings = Object.entries({ ...DEFAULTS, ...options.config });
  const container = await startContainer({
    image: IMAGE,
    port: { container: 6379, host: port },
    command: ['redis-server', ...settings.flatMap(([name, value]) => [`--${name}`, value])],
  });
  const ready = () => awaitPing(port, () => true);
  const version = await ready();
  return {
    url: `redis://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    kind: 'docker',
    version,
    stop: () => container.stop(),
    kill: () => container.kill(),
    restart: async () => {
      await container.restart(`redis-cli config get appendonly | grep -qx yes || redis-cli save`);
      await ready();
    },
  };
};
