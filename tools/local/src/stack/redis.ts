import { startRedis } from '@millrace/testkit';
import { printAs } from '../print.js';

/** A Redis or Postgres that the stack uses, and how to stop it if we started it. */
export interface Backend {
  readonly url: string;
  stop(): Promise<void>;
}

// Like the compose file: what was accepted is on disk within a second.
const CONFIG = { appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction' };

/** `REDIS_URL`, else a server on the PATH, else js-redis-server. */
export const openRedis = async (): Promise<Backend> => {
  const given = process.env.REDIS_URL;
  if (given) {
    printAs('redis', 'the one of REDIS_URL');
    return { url: given, stop: async () => undefined };
  }
  const server = await startRedis({ config: CONFIG });
  if (server.kind === 'js-redis-server') {
    printAs(
      'redis',
      `js-redis-server on port ${server.port}: in memory, for trying out; install redis-server for more`,
      'warn',
    );
  } else {
    printAs('redis', `${server.kind} ${server.version} on port ${server.port}, with data of its own until it stops`);
  }
  return server;
};
