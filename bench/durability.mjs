/**
 * What DURABILITY costs: appends to one Redis with its append-only file off, synced every second and synced always, and
 * with the wait that `always` asks for. Ratios of one run; the figures themselves are those of the machine and its disk.
 *
 *   npm run bench:durability
 */
import { RedisTransport } from '@millrace/streams/redis';
import { haveRealRedis, startRedis } from '@millrace/testkit';

const IN = { name: 'in', partition: 0 };
const WINDOW = { windowMs: 60_000, maxEntries: 1_000_000 };
const SECONDS = 3;
const EVENT = {
  type: 'bench.event',
  json: JSON.stringify({
    specversion: '1.0',
    id: 'x'.repeat(36),
    source: '/bench',
    type: 'bench.event',
    data: 'y'.repeat(180),
  }),
};

const CASES = [
  { name: 'memory', config: { appendonly: 'no' }, level: 'memory' },
  { name: 'everysec', config: { appendonly: 'yes', appendfsync: 'everysec' }, level: 'everysec' },
  { name: 'always, appendfsync always', config: { appendonly: 'yes', appendfsync: 'always' }, level: 'always' },
  { name: 'always, appendfsync everysec', config: { appendonly: 'yes', appendfsync: 'everysec' }, level: 'always' },
];

/** Appends until the time is over, `inFlight` at once, and gives events a second. */
const rate = async (producer, size, inFlight) => {
  const events = Array.from({ length: size }, () => EVENT);
  const end = performance.now() + SECONDS * 1000;
  const began = performance.now();
  let appended = 0;
  const loop = async () => {
    while (performance.now() < end) appended += (await producer.append(IN, events)).length;
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  return appended / ((performance.now() - began) / 1000);
};

const measure = async ({ name, config, level }) => {
  const server = await startRedis({ config });
  const transport = new RedisTransport({ url: server.url });
  try {
    const durability = { level, replicas: 0, timeoutMs: 5000 };
    const { verdict, detail } = await transport.server.examineDurability(durability);
    if (verdict === 'refuse') return { name, note: detail };
    const producer = transport.producerWith(WINDOW, durability);
    await producer.append(IN, [EVENT]);
    // As the gateway does: one after the other, and as many in a flush as it gathers under load.
    const single = await rate(producer, 1, 1);
    const loaded = await rate(producer, level === 'always' ? 5000 : 500, 3);
    return { name, single, loaded };
  } finally {
    await transport.close();
    await server.stop();
  }
};

if (!haveRealRedis()) {
  process.stderr.write('needs a redis-server on the PATH, or MILLRACE_TEST_DOCKER=1\n');
  process.exit(1);
}
const results = [];
for (const one of CASES) results.push(await measure(one));
const [base] = results;
const share = (value, of) => `${(value / of).toFixed(2)}`;
console.log('DURABILITY                    one at a time          under load, events/s');
for (const { name, single, loaded, note } of results) {
  console.log(
    note !== undefined
      ? `${name.padEnd(29)} not here: ${note}`
      : `${name.padEnd(29)} ${(1000 / single).toFixed(2).padStart(7)} ms (${share(base.single, single).padStart(6)} x)   ` +
          `${String(Math.round(loaded)).padStart(7)} (${share(loaded, base.loaded)})`,
  );
}
process.exit(0);
