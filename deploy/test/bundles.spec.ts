import { tmpdir } from 'node:os';
import { readVariable } from '@millrace/host/environment';
import { freePort, ServerProcess, waitFor } from '@millrace/testkit';
import { pathOf, SERVICES } from './repository.js';

/** Enough for each of them to go as far as Redis, which is not there. */
const ENV = {
  PATH: readVariable('PATH'),
  HOST: '127.0.0.1',
  PORT: '0',
  TOPICS: 'orders',
  DIRECTORY: tmpdir(),
  WEBHOOK_URL: 'http://127.0.0.1:1/',
  WEBHOOK_SECRET: `whsec_${'c2VjcmV0'.repeat(4)}`,
  ALLOW_NETWORKS: '127.0.0.0/8',
};

// What is loaded only where it is asked for has to be in the bundle, and to find its files from there.
describe('the bundle of a service', () => {
  it.each(SERVICES.flatMap((name) => ['json', 'pretty'].map((format) => [name, format] as const)))(
    '%s has what it needs to log as %s',
    async (name, format) => {
      const lines: string[] = [];
      const service = new ServerProcess({
        name,
        program: process.execPath,
        args: [pathOf(`apps/${name}/dist/main.js`)],
        env: { ...ENV, REDIS_URL: `redis://127.0.0.1:${await freePort()}`, LOG_FORMAT: format },
        stopSignal: 'SIGTERM',
        guardSignal: 'KILL',
        onLine: (line) => lines.push(line),
      });
      const said = () => lines.join('\n');
      await waitFor(() => /ECONNREFUSED/.test(said()) || !service.running, { what: `${name} to ask for Redis` });
      await service.stop(0);
      expect(said()).toMatch(/Redis connection error|connect ECONNREFUSED/);
      expect(said()).not.toMatch(/is not defined|Cannot find/);
      expect(lines.some((line) => line.startsWith('{'))).toBe(format === 'json');
    },
  );
});
