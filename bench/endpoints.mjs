/**
 * What one webhook endpoint that hangs costs the others: the built sink sends every event to 50 endpoints, in turns with all
 * of them well and with one that never answers. Ratios of one run; the figures themselves are the machine's.
 *
 *   npm run bench:endpoints
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RedisTransport } from '@millrace/streams/redis';
import { freePort, haveRealRedis, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

const ENDPOINTS = 50;
const HANGING = '/0';
const EVENTS_PER_SECOND = 10;
/** Before it nothing is measured: code is compiled, connections are made. */
const WARM_UP_SECONDS = 3;
const SECONDS = 20;
const TURNS = 3;
const PROGRAM = fileURLToPath(new URL('../apps/sink-webhook/dist/main.js', import.meta.url));
const TOPIC = 'bench';

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const median = (values) =>
  percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** Receives for all endpoints; notes how long after its making an event arrived at those that are measured. */
const startReceiver = async (hangs) => {
  const latencies = [];
  let held = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === HANGING) {
      if (hangs) {
        held += 1;
        return;
      }
    } else {
      const { at, isMeasured } = JSON.parse(body).data;
      if (isMeasured) latencies.push(Date.now() - at);
    }
    response.writeHead(204).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    latencies,
    held: () => held,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
};

const turn = async (redis, folder, hangs, number) => {
  const keyPrefix = `turn${number}:`;
  const receiver = await startReceiver(hangs);
  const file = join(folder, `${number}.json`);
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const endpoints = Array.from({ length: ENDPOINTS }, (_, n) => ({
    name: `e${n}`,
    url: `${receiver.url}/${n}`,
    secret,
    topics: [TOPIC],
  }));
  await writeFile(file, JSON.stringify({ endpoints }));
  const port = await freePort();
  const sink = new ServerProcess({
    name: 'sink-webhook',
    program: process.execPath,
    args: [PROGRAM],
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'error',
      REDIS_URL: redis.url,
      KEY_PREFIX: keyPrefix,
      TOPICS: TOPIC,
      ENDPOINTS_FILE: file,
      ALLOW_NETWORKS: '127.0.0.0/8',
    },
  });
  const isReady = async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok;
  await waitFor(isReady, { what: 'the sink to be ready', timeoutMs: 20_000 });
  const transport = new RedisTransport({ url: redis.url, keyPrefix });
  const due = performance.now();
  for (let n = 0; n < EVENTS_PER_SECOND * (WARM_UP_SECONDS + SECONDS); n++) {
    await pause(Math.max(0, due + (n * 1000) / EVENTS_PER_SECOND - performance.now()));
    const event = {
      specversion: '1.0',
      id: `e${n}`,
      source: '/bench',
      type: 'bench.hook',
      data: { at: Date.now(), isMeasured: n >= EVENTS_PER_SECOND * WARM_UP_SECONDS },
    };
    const json = JSON.stringify(event);
    await transport.producer.append({ name: `topic:${TOPIC}`, partition: 0 }, [{ type: event.type, json }]);
  }
  const expected = (ENDPOINTS - 1) * EVENTS_PER_SECOND * SECONDS;
  const patience = performance.now() + 30_000;
  while (receiver.latencies.length < expected && performance.now() < patience) await pause(50);
  await sink.kill();
  await transport.close();
  await receiver.stop();
  const sorted = receiver.latencies.sort((a, b) => a - b);
  if (sorted.length < expected) throw new Error(`${sorted.length} of ${expected} requests arrived`);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), held: receiver.held() };
};

if (!haveRealRedis()) {
  process.stderr.write('needs a redis-server on the PATH, or MILLRACE_TEST_DOCKER=1\n');
  process.exit(1);
}
const redis = await startRedis({ config: { appendonly: 'yes' } });
const folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
const results = { well: [], hangs: [] };
try {
  for (let n = 0; n < 2 * TURNS; n++) {
    const side = n % 2 === 0 ? 'well' : 'hangs';
    results[side].push(await turn(redis, folder, side === 'hangs', n));
  }
} finally {
  await redis.stop();
  await rm(folder, { recursive: true });
}
const of = (side, name) => median(results[side].map((one) => one[name]));
console.log(
  `${ENDPOINTS} endpoints, ${EVENTS_PER_SECOND * ENDPOINTS} requests a second; the other ${ENDPOINTS - 1}, medians of ${TURNS} turns`,
);
for (const side of ['well', 'hangs']) {
  const label =
    side === 'well' ? 'all are well' : `one hangs (${median(results.hangs.map(({ held }) => held))} requests held)`;
  console.log(
    `${label.padEnd(32)} p50 ${of(side, 'p50')} ms   p99 ${of(side, 'p99')} ms (${results[side].map(({ p99 }) => p99).join(', ')})`,
  );
}
console.log(`p99 with one that hangs: ${(of('hangs', 'p99') / of('well', 'p99')).toFixed(2)} of that without`);
process.exit(0);
