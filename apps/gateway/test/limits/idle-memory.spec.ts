import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const DOCKERFILE = fileURLToPath(new URL('../../../../Dockerfile', import.meta.url));
const MIB = 1024 * 1024;

describe('the memory of a gateway', () => {
  let redis: RedisServer;
  let gateway: ServerProcess;
  let url: string;

  beforeAll(async () => {
    redis = await startRedis();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const env = { REDIS_URL: redis.url, PORT: String(port), LOG_LEVEL: 'error', BACKPRESSURE_MAX_LAG: '1000000' };
    const malloc = Object.fromEntries(
      [...readFileSync(DOCKERFILE, 'utf8').matchAll(/(MALLOC_\w+)=(\d+)/g)].map((found) => found.slice(1)),
    );
    gateway = new ServerProcess({
      name: 'gateway',
      program: process.execPath,
      args: [MAIN],
      env: { ...process.env, ...malloc, ...env },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, {
      what: 'the gateway to be ready',
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await redis.stop();
  });

  const residentBytes = async (): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]);
  };

  it('is given back once a burst is over', async () => {
    const before = await residentBytes();
    const body = JSON.stringify(Array.from({ length: 40 }, () => ({ type: 't', data: 'y'.repeat(100_000) })));
    const send = () =>
      fetch(`${url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(Array.from({ length: 12 }, async () => (await send()).text()));
    }
    const after = await residentBytes();
    expect(after - before).toBeGreaterThan(100 * MIB);
    await waitFor(async () => (await residentBytes()) - before < 64 * MIB, {
      what: 'the memory of the burst to be given back',
      timeoutMs: 40_000,
      everyMs: 500,
    });
  });
});
