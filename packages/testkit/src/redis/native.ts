import { basename } from 'node:path';
import { programOnPath } from '../processes/program-on-path.js';
import type { RedisProgram } from './process-server.js';

const DEFAULTS = {
  bind: '127.0.0.1',
  save: '',
  appendonly: 'no',
  'maxmemory-policy': 'noeviction',
  daemonize: 'no',
  logfile: '',
};

/** The program that `MILLRACE_TEST_REDIS_SERVER` names, else the `redis-server` or `valkey-server` on the PATH. */
export const redisProgram = (): string | undefined =>
  process.env.MILLRACE_TEST_REDIS_SERVER || programOnPath('redis-server', 'valkey-server');

/** The module that `MILLRACE_TEST_REDIS_MODULE` names by its path: RedisTimeSeries. */
export const redisModule = (): string | undefined => process.env.MILLRACE_TEST_REDIS_MODULE || undefined;

/** How to run it, with the module unless told otherwise. */
export const nativeRedis = (withModule = true): RedisProgram | undefined => {
  const program = redisProgram();
  return program === undefined ? undefined : nativeProgram(program, withModule ? redisModule() : undefined);
};

const nativeProgram = (program: string, module: string | undefined): RedisProgram => {
  const kind = basename(program).startsWith('valkey') ? 'valkey-server' : 'redis-server';
  return {
    kind,
    persistent: true,
    command: (port, dataDir, config) => ({
      name: kind,
      program,
      args: [
        ...Object.entries({ ...DEFAULTS, ...config, port: String(port), dir: dataDir }).flatMap(([name, value]) => [
          `--${name}`,
          ...setting(value),
        ]),
        ...(module === undefined ? [] : ['--loadmodule', module]),
      ],
      cwd: dataDir,
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    }),
  };
};

// A setting of several words (`save 60 1`, `loadmodule x.so ARG`) is several arguments; an empty one is one empty word.
const setting = (value: string): string[] => (value === '' ? [''] : value.split(' ').filter(Boolean));
