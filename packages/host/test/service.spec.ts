import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '@millrace/testkit';
import { Module } from '@nestjs/common';
import {
  type BaseConfig,
  ConfigError,
  loadConfig,
  Pace,
  PROBLEM_JSON,
  ServedConfig,
  Service,
  WatchedFile,
} from '../src/index.js';

@Module({})
class Nothing {}

/** A service that does nothing, on a Redis that is not there. */
const serviceOf = (environment: Record<string, string>, more: object = {}): Promise<Service<BaseConfig>> => {
  const config = loadConfig<BaseConfig>(ServedConfig, {
    REDIS_URL: 'redis://127.0.0.1:1',
    LOG_LEVEL: 'silent',
    ...environment,
  });
  return Service.create({ hop: 'test', config: ServedConfig, module: () => Nothing, ...more }, config);
};
const refuse = (error: Error): never => {
  throw error;
};

describe('a service', () => {
  const services: Service<BaseConfig>[] = [];
  const started = async (environment: Record<string, string>, more?: object): Promise<string> => {
    const service = await serviceOf(environment, more);
    services.push(service);
    return service.start(refuse);
  };
  afterEach(async () => {
    for (const service of services.splice(0)) await service.close();
  });

  it('is live and not ready while Redis is away, and is gone when it has stopped', async () => {
    const url = await started({});
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'not ready' }]);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/millrace_build_info\{hop="test",version="/);
    await services.pop()?.close();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('answers what there is not with a problem', async () => {
    const answer = await fetch(`${await started({})}/nothing`);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not-found', status: 404 }]);
  });

  it.each(['/%zz', '/health/%ff', '/%E0%A4%A'])('answers %s, which is no path, with a problem', async (path) => {
    const { hostname, port } = new URL(await started({}));
    // What `fetch` would not send as it is.
    const [response] = (await once(get({ hostname, port, path }), 'response')) as [IncomingMessage];
    expect([response.statusCode, response.headers['content-type']]).toEqual([400, PROBLEM_JSON]);
    expect(JSON.parse(await text(response))).toMatchObject({ code: 'bad-request', status: 400 });
  });

  it('has its metrics on the port for probes alone where there is one, and nothing else there', async () => {
    const port = await freePort();
    const url = await started({ HEALTH_PORT: `${port}` });
    const statuses = (base: string) =>
      Promise.all(
        ['/health/live', '/metrics', '/metrics?a', '/health/live/x', '/nothing'].map(
          async (path) => (await fetch(`${base}${path}`)).status,
        ),
      );
    expect(await statuses(`http://127.0.0.1:${port}`)).toEqual([200, 200, 200, 404, 404]);
    expect(await statuses(url)).toEqual([200, 404, 404, 404, 404]);
    await services.pop()?.close();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  it('says which variable names a port that is already in use, or an address that is none', async () => {
    const taken = createServer();
    await new Promise<void>((heard) => taken.listen(0, '127.0.0.1', heard));
    const { port } = taken.address() as { port: number };
    try {
      await expect(started({ PORT: `${port}` })).rejects.toThrow(
        new ConfigError(`PORT: ${port} on 127.0.0.1 is already in use`),
      );
      await expect(started({ HEALTH_PORT: `${port}` })).rejects.toThrow(
        `HEALTH_PORT: ${port} on 127.0.0.1 is already in use`,
      );
      await expect(started({ AUTH: 'stored', HOST: '203.0.113.7' })).rejects.toThrow(
        'HOST: 203.0.113.7 is not an address of this machine',
      );
    } finally {
      await new Promise((closed) => taken.close(closed));
    }
  });

  it('does not start where its last word is an error', async () => {
    const prepare = () => Promise.reject(new Error('the target has another form'));
    await expect(started({}, { prepare })).rejects.toThrow('the target has another form');
  });
});

describe('a file that is watched', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-watched-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is read when it changed, and not else', async () => {
    const path = join(folder, 'a');
    const file = new WatchedFile(path);
    await writeFile(path, 'one');
    expect([await file.changed(), await file.changed()]).toEqual(['one', undefined]);
    await writeFile(path, 'other');
    expect([await file.changed(), await file.changed()]).toEqual(['other', undefined]);
  });

  it('says where it cannot be read, and is read once it can', async () => {
    const path = join(folder, 'a');
    const file = new WatchedFile(path);
    await expect(file.changed()).rejects.toThrow(`${path}: cannot be read: ENOENT`);
    await writeFile(path, 'one');
    expect(await file.changed()).toBe('one');
    await rm(path);
    await expect(file.changed()).rejects.toThrow('ENOENT');
    await expect(new WatchedFile(folder).changed()).rejects.toThrow(`${folder}: cannot be read: EISDIR`);
  });
});

describe('work in parts', () => {
  it('gives what it comes to, and others a turn where it is long', async () => {
    let turns = 0;
    const long = function* (): Generator<undefined, string> {
      for (let part = 0; part < 3; part += 1) {
        const until = performance.now() + 25;
        while (performance.now() < until);
        yield;
      }
      return 'done';
    };
    const turn = (): void => {
      turns += 1;
    };
    setImmediate(turn);
    expect(await new Pace().through(long())).toBe('done');
    expect(turns).toBe(1);
  });
});
