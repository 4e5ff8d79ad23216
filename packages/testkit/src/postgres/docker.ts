import { randomBytes } from 'node:crypto';
import { freePort } from '../free-port.js';
import { startContainer } from '../processes/container.js';
import type { PostgresOptions, PostgresServer } from './server.js';
import { awaitSession, createDatabase } from './session.js';

const IMAGE = 'postgres:17';

/** Postgres 17 in a container of its own; its port is published on the loopback address. */
export const startPostgresInDocker = async (options: PostgresOptions): Promise<PostgresServer> => {
  const port = options.port ?? (await freePort());
  const password = randomBytes(18).toString('base64url');
  const container = await startContainer({
    image: IMAGE,
    port: { container: 5432, host: port },
    environment: { POSTGRES_PASSWORD: password },
    ...(options.durable ? {} : { command: ['postgres', '-c', 'fsync=off'] }),
  });
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const ready = () => awaitSession(url, () => true);
  const version = await ready();
  return {
    url,
    kind: 'docker',
    version,
    port,
    stop: () => container.stop(),
    kill: () => container.kill(),
    restart: async () => {
      await container.restart();
      await ready();
    },
    createDatabase: (name) => createDatabase(url, name),
  };
};
