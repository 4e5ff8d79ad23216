/**
 * What more routers bring: one, two and four router processes on four partitions, each with the same backlog to route, in
 * turns on one Redis. Ratios of one run; they grow while there are processors that nobody else uses.
 *
 *   npm run bench:routers
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { freePort, haveRealRedis, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

const PARTITIONS = [0, 1, 2, 3];
const INSTANCES = [1, 2, 4];
const ROUNDS = 3;
const EACH = 25_000;
const CALL = 500;
const ROUTER = fileURLToPath(new URL('../apps/router/dist/main.js', import.meta.url));
const ROUTES = 'routes: [{ name: all, pattern: { data: { amount: [{ numeric: [">=", 0] }] } }, topics: [out] }]\n';

const eventOf = (n) => ({
  type: 'bench.event',
  json: JSON.stringify({
    specversion: '1.0',
    id: String(n),
    source: '/bench',
    type: 'bench.event',
    subject: `s${n % 100}`,
    data: { amount: n, text: 'y'.repeat(160) },
  }),
});

const start = async (url, folder) => {
  const port = await freePort();
  const router = new ServerProcess({
    name: 'router',
    program: process.execPath,
    args: [ROUTER],
    env: {
      PATH: process.env.PATH,
      REDIS_URL: url,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      PARTITIONS: String(PARTITIONS.length),
      ROUTES_FILE: join(folder, 'routes.yaml'),
      CLAIM_AFTER_MS: '2000',
    },
    stopSignal: 'SIGTERM',
    guardSignal: 'TERM',
  });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady, { what: 'a router', timeoutMs: 60_000 });
  return router;
};

const stateOf = async (transport, redis) => {
  const lengths = await Promise.all(
    PARTITIONS.map((p) => redis.xlen(transport.keys.stream({ name: 'topic:out', partition: p }))),
  );
  return { at: performance.now(), routed: lengths.reduce((sum, one) => sum + one, 0) };
};

const cpuOf = async (redis) => {
  const info = await redis.info('cpu');
  const seconds = (name) => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(info)?.[1]);
  return seconds('used_cpu_user') + seconds('used_cpu_sys');
};

/** Events a second of so many routers, and how busy Redis was, from when the first event is through until the last is. */
const measure = async (count, url, folder) => {
  const transport = new RedisTransport({ url, partitions: PARTITIONS.length });
  const { settings } = new Operations(transport);
  const redis = transport.connections.connect('bench');
  await redis.flushall();
  await transport.partitions.read();
  const routers = await Promise.all(Array.from({ length: count }, () => start(url, folder)));
  const leases = () => Promise.all(PARTITIONS.map((p) => redis.hget(transport.keys.lease('router', p), 'owner')));
  const areShared = async () => new Set((await leases()).map((owner) => owner?.split('-').at(-2))).size === count;
  // A lease is acquired where there is something to read, or not.
  await waitFor(areShared, { what: `${count} routers at work`, timeoutMs: 60_000 });
  await settings.setPause('router', { at: Date.now(), who: 'bench' });
  await waitFor(async () => (await transport.partitions.read()) && transport.controls.isPaused('router'), {
    what: 'the pause',
    timeoutMs: 10_000,
  });
  for (let n = 0; n < EACH; n += CALL) {
    await Promise.all(
      PARTITIONS.map((partition) =>
        transport.producer.append(
          { name: 'in', partition },
          Array.from({ length: CALL }, (_, i) => eventOf(n + i)),
        ),
      ),
    );
  }
  const before = (await stateOf(transport, redis)).routed;
  await settings.setPause('router', null);
  const first = await waitFor(
    async () => {
      const state = await stateOf(transport, redis);
      return state.routed > before && state;
    },
    { what: 'the first event', timeoutMs: 10_000, everyMs: 5 },
  );
  const cpuBefore = await cpuOf(redis);
  const last = await waitFor(
    async () => {
      const state = await stateOf(transport, redis);
      return state.routed >= PARTITIONS.length * EACH && state;
    },
    { what: 'all of it', timeoutMs: 120_000, everyMs: 20 },
  );
  const seconds = (last.at - first.at) / 1000;
  const result = { rate: (last.routed - first.routed) / seconds, redis: ((await cpuOf(redis)) - cpuBefore) / seconds };
  for (const router of routers) await router.stop(15_000);
  await transport.close();
  return result;
};

if (!haveRealRedis()) {
  process.stderr.write('needs a redis-server on the PATH\n');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'millrace-routers-'));
writeFileSync(join(folder, 'routes.yaml'), ROUTES);
const server = await startRedis();
const results = INSTANCES.map(() => []);
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, count] of INSTANCES.entries()) results[i].push(await measure(count, server.url, folder));
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
const number = (value) => Math.round(value).toLocaleString('en');
console.log(
  `${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.version}; ${number(PARTITIONS.length * EACH)} events a turn, ${ROUNDS} rounds\n`,
);
console.log('| routers | events/s | beside one router, in the same round | Redis, of one core |');
console.log('| ------- | -------- | ------------------------------------ | ------------------ |');
for (const [i, count] of INSTANCES.entries()) {
  const of = results[i];
  const ratios = of.map(({ rate }, round) => rate / results[0][round].rate);
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  console.log(
    `| ${count} | ${number(median(of.map(({ rate }) => rate)))} | ${median(ratios).toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)}) | ${Math.round(100 * median(of.map(({ redis }) => redis)))} % |`,
  );
}
process.exit(0);
