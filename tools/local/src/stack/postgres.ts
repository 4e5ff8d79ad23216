import { startPostgres } from '@millrace/testkit';
import { printAs } from '../print.js';
import type { Backend } from './redis.js';

/** `DATABASE_URL`, else a Postgres of its own. */
export const openPostgres = async (): Promise<Backend> => {
  const given = process.env.DATABASE_URL;
  if (given) {
    printAs('postgres', 'the one of DATABASE_URL');
    return { url: given, stop: async () => undefined };
  }
  const server = await startPostgres({ flavour: 'embedded', durable: true });
  printAs('postgres', `Postgres ${server.version} on port ${server.port}, with data of its own until it stops`);
  return server;
};
