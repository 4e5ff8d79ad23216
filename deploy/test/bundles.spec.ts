import { tmpdir } from 'node:os';
import { readVariable } from '@millrace/host/environment';
import { describeOnRealRedis, freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';
import { pathOf, SERVICES } from './repository.js';

/** Enough for each of them to go as far as Redis. */
const ENV = {
  PATH: readVariable('PATH'),
  HOST: '127.0.0.1',
  PORT: '0',
  TOPICS: 'orders',
  DATABASE_URL: 'postgres://127.0.0.1:1/none',
  DIRECTORY: tmpdir(),
  WEBHOOK_URL: 'http://127.0.0.1:1/',
  WEBHOOK_SECRET: `whsec_${'c2VjcmV0'.repeat(4)}`,
  ALLOW_NETWORKS: '127.0.0.0/8',
};

const start = (name: string, env: Readonly<Record<string, string>>, onLine: (line: string) => void): ServerProcess =>
  new ServerProcess({
    name,
    program: process.execPath,
    args: [pathOf(`apps/${name}/dist/main.js`)],
    env: { ...ENV, ...env },
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
    onLine,
  });

describe('the bundle of a service', () => {
  // What is loaded only where it is asked for has to be in the bundle, and to find its files from there.
  it.each(SERVICES.flatMap((name) => ['json', 'pretty'].map((format) => [name, format] as const)))(
    '%s has what it needs to log as %s',
    async (name, format) => {
      const lines: string[] = [];
      const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, LOG_FORMAT: format };
      const service = start(name, env, (line) => lines.push(line));
      const said = () => lines.join('\n');
      await waitFor(() => /ECONNREFUSED/.test(said()) || !service.running, {
        what: `${name} to ask for Redis`,
        timeoutMs: 30_000,
      });
      await service.stop(0);
      expect(said()).toMatch(/Redis connection error|connect ECONNREFUSED/);
      expect(said()).not.toMatch(/is not defined|Cannot find/);
      expect(lines.some((line) => line.startsWith('{'))).toBe(format === 'json');
    },
  );
});

describeOnRealRedis('a service that is stopped while it starts', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it.each([
    ['with', 'Starting Nest application'],
    ['with', 'configuration'],
    ['with', 'connected to Redis'],
    ['with', 'Mapped {/health/live'],
    ['with', 'listening on'],
    ['without', 'configuration'],
    ['without', 'ECONNREFUSED'],
    ['with a suspended', 'configuration'],
  ])('%s Redis ends in order where it said last: %s', async (state, last) => {
    const lines: string[] = [];
    const url = state === 'without' ? `redis://127.0.0.1:${await freePort()}` : redis.url;
    if (state === 'with a suspended') process.kill(redis.pid as number, 'SIGSTOP');
    const service = start('gateway', { REDIS_URL: url, LOG_LEVEL: 'debug' }, (line) => {
      if (line.includes(last) && !lines.join('\n').includes(last)) process.kill(service.pid as number, 'SIGTERM');
      lines.push(line);
    });
    await service.gone.finally(() => process.kill(redis.pid as number, 'SIGCONT'));
    expect([service.exitCode, lines.filter((line) => !line.startsWith('{'))]).toEqual([0, []]);
    expect(lines.join('\n')).toContain(last);
  });
});
