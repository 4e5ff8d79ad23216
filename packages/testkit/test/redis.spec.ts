import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import {
  describeOnRealRedis,
  freePort,
  type RedisOptions,
  type RedisServer,
  redisProgram,
  startRedis,
  waitFor,
} from '../src/index.js';

const started: RedisServer[] = [];
const start = async (options?: RedisOptions): Promise<RedisServer> => {
  const server = await startRedis(options);
  started.push(server);
  return server;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

const ask = async (server: RedisServer, command: string, ...args: string[]): Promise<unknown> => {
  const redis = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null, disconnectTimeout: 50 });
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
};

/** The tests of each kind. */
const lifeCycle = (options: RedisOptions, kinds: readonly string[]) => {
  it('answers, is killed, restarts on its port, stops', async () => {
    const server = await start(options);
    expect(kinds).toContain(server.kind);
    expect(server.version).toMatch(/^\d+\.\d+/);
    expect(await ask(server, 'SET', 'k', 'v')).toBe('OK');
    await server.kill();
    await expect(ask(server, 'PING')).rejects.toThrow();
    await server.restart();
    expect(await ask(server, 'PING')).toBe('PONG');
    await server.stop();
    await server.stop();
    await expect(ask(server, 'PING')).rejects.toThrow();
  });
};

describe('js-redis-server', () => {
  lifeCycle({ flavour: 'js' }, ['js-redis-server']);

  it('names a port that is taken', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    await expect(startRedis({ flavour: 'js', port })).rejects.toThrow(`port ${port} is taken`);
    await new Promise((resolve) => taken.close(resolve));
  });
});

describeOnRealRedis('a real Redis', () => {
  lifeCycle({}, ['redis-server', 'valkey-server', 'docker']);

  it('does not evict and keeps nothing on disk, unless the settings say so', async () => {
    const plain = await start();
    expect(await ask(plain, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await ask(plain, 'CONFIG', 'GET', 'save')).toEqual(['save', '']);
    const set = await start({ config: { appendonly: 'yes', appendfsync: 'always', save: '60 1000' } });
    expect(await ask(set, 'CONFIG', 'GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
    expect(await ask(set, 'CONFIG', 'GET', 'save')).toEqual(['save', '60 1000']);
  });

  it('keeps the data over a restart, and with an AOF over kill', async () => {
    const memory = await start();
    await ask(memory, 'SET', 'k', 'v');
    await memory.restart();
    expect(await ask(memory, 'GET', 'k')).toBe('v');

    const durable = await start({ config: { appendonly: 'yes', appendfsync: 'always' } });
    await ask(durable, 'SET', 'k', 'v');
    await durable.kill();
    await durable.restart();
    expect(await ask(durable, 'GET', 'k')).toBe('v');
  });
});

const describeNative = redisProgram() ? describe : describe.skip;

describeNative('a native server (needs redis-server)', () => {
  it('says in one sentence why it does not start', async () => {
    await expect(start({ config: { 'maxmemory-policy': 'nonsense' } })).rejects.toThrow(
      /cannot start Redis on port \d+: .*ended with code 1; the end of its log:[\s\S]*nonsense/,
    );
  });

  it('leaves a data folder that was given', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-testkit-'));
    const server = await start({ dataDir, config: { appendonly: 'yes' } });
    await server.stop();
    expect(await readdir(dataDir)).toContain('appendonlydir');
    await rm(dataDir, { recursive: true });
  });

  it('does not outlive a process that is killed, nor does its data', async () => {
    const port = await freePort();
    const program = fileURLToPath(new URL('../dist/index.js', import.meta.url));
    const script = `
      const { startRedis } = await import(${JSON.stringify(program)});
      const server = await startRedis({ port: ${port} });
      console.log(server.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (data) => resolve(String(data).trim())),
    );
    const redis = new Redis({ port, retryStrategy: () => null });
    const [, folder] = (await redis.config('GET', 'dir')) as [string, string];
    redis.disconnect();
    expect(existsSync(folder)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor(() => !existsSync(folder), { what: `the server ${pid} and its folder to go` });
    await expect(ask({ url: `redis://127.0.0.1:${port}` } as RedisServer, 'PING')).rejects.toThrow();
  });
});

const describeDocker = process.env.MILLRACE_TEST_DOCKER === '1' ? describe : describe.skip;

describeDocker('Redis in Docker (needs MILLRACE_TEST_DOCKER=1)', () => {
  lifeCycle({ flavour: 'docker' }, ['docker']);

  it('keeps the data over a restart', async () => {
    const server = await start({ flavour: 'docker' });
    await ask(server, 'SET', 'k', 'v');
    await server.restart();
    expect(await ask(server, 'GET', 'k')).toBe('v');
  });
});
