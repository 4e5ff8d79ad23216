import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeOnRealRedis, startRedis } from '@millrace/testkit';
import { CASES } from '../src/cases.js';
import { Database } from '../src/database.js';
import { measure } from '../src/measure.js';
import { type Counters, Side } from '../src/side.js';

/** Counts, not times: they are as good as the same on every machine, and say when a hop begins to do more an event. */

const EVENTS = 10_000;
const BATCHES = EVENTS / 100;

const since = (before: Counters, after: Counters): Counters => ({
  calls: new Map(Array.from(after.calls, ([name, count]) => [name, count - (before.calls.get(name) ?? 0)])),
  bytesIn: after.bytesIn - before.bytesIn,
  bytesOut: after.bytesOut - before.bytesOut,
});

describeOnRealRedis('what an event costs on its way to Postgres', () => {
  let used: Counters;

  beforeAll(async () => {
    const it = CASES.find(({ name }) => name === 'postgres-no-aof');
    if (it === undefined) throw new Error('the case is gone');
    const database = await Database.start();
    const side = await Side.start('millrace', it, database);
    try {
      await measure(side, it, 1000, database);
      const before = await side.counters();
      await measure(side, it, EVENTS, database);
      used = since(before, await side.counters());
    } finally {
      await side.stop();
      await database.stop();
    }
  }, 120_000);

  const calls = (name: string): number => used.calls.get(name) ?? 0;

  // A request of 100 is appended whole, so nobody reads less than that; each of the two reads is settled by one call, and
  // the router looks once for strangers. Beside it there is what a second brings whatever happens, a few dozen at most.
  it('takes no more calls than batches: an append, and a read and a settlement for each of two hops', () => {
    expect(calls('fcall')).toBeLessThanOrEqual(4 * BATCHES + 60);
    expect(calls('xreadgroup')).toBeLessThanOrEqual(2 * BATCHES + 60);
    expect(calls('xack')).toBeLessThanOrEqual(2 * BATCHES + 60);
  });

  // What the router settles at once may end in the middle of a frame, and a write that a busy machine made somebody try again
  // is recorded.
  it('writes a frame for each request to the inbox, and hardly more to the topic, and asks for nothing by the event', () => {
    expect(calls('xadd')).toBeGreaterThanOrEqual(2 * BATCHES);
    expect(calls('xadd')).toBeLessThanOrEqual(4 * BATCHES + 20);
    const [busiest = '', most = 0] = [...used.calls].sort((a, b) => b[1] - a[1])[0] ?? [];
    expect(`${busiest}: ${most > EVENTS / 10 ? 'as many as events' : 'by the batch'}`).toBe(`${busiest}: by the batch`);
  });

  // An event of 300 bytes with its type goes in twice and comes out twice.
  it('sends few bytes beside the event', () => {
    expect(used.bytesIn / EVENTS).toBeLessThan(850);
    expect(used.bytesOut / EVENTS).toBeLessThan(850);
  });
});

describeOnRealRedis('what an event leaves on the heap', () => {
  it('is little on every step', async () => {
    const redis = await startRedis({ flavour: 'native' });
    try {
      const script = fileURLToPath(new URL('../dist/allocations.js', import.meta.url));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--min-semi-space-size=256', '--max-semi-space-size=256', script],
        { env: { ...process.env, REDIS_URL: redis.url } },
      );
      const used = JSON.parse(stdout) as Record<string, number>;
      expect(used['collections']).toBe(0);
      // A fifth above what it was when this was written.
      expect(used['decode']).toBeLessThan(1600);
      expect(used['append']).toBeLessThan(1950);
      expect(used['route']).toBeLessThan(5600);
      expect(used['deliver']).toBeLessThan(3000);
    } finally {
      await redis.stop();
    }
  });
});
