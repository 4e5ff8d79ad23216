import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveBatches } from '@millrace/streams';
import { TokenBuckets } from '@millrace/streams/redis';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import { STREAMS_LIBRARY } from '../../src/redis/functions/streams-library.js';
import { type FreshRedis, freshRedis } from '../fixtures/fresh-redis.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const HOUR_MS = 3_600_000;
const IN = { name: 'in', partition: 0 };

/** Files that may ask the wall clock: for a moment that is told to others, or stored, or compared with one of theirs. */
const MOMENTS = [
  'packages/sink/src/end-to-end.ts',
  'packages/sink/src/time-deliveries.ts',
  'packages/events/src/event/time-ordered-id.ts',
  'packages/api-keys/src/key-ring.ts',
  'packages/api-keys/src/key-store.ts',
  'packages/host/src/tracing/otel-request-span.ts',
  'packages/streams/src/order/ordered-batches.ts',
  'packages/streams/src/settlement/open-batch.ts',
  'packages/streams/src/time/interval.ts',
  'packages/streams/src/memory/settler.ts',
  'packages/streams/src/memory/store.ts',
  'packages/streams/src/redis/control/settings.ts',
  'packages/operations/src/dead-letters/dead-letters.ts',
  'packages/streams/src/redis/observe/doctor.ts',
  'packages/streams/src/redis/control/registry.ts',
  'packages/streams/src/redis/settle/settler.ts',
  'packages/streams/src/redis/settle/trace-log.ts',
  'packages/streams/src/redis/transport.ts',
  'packages/streams/src/testing/failure-suite.ts',
  'packages/operations/src/observe/absent-groups.ts',
  'packages/operations/src/observe/traces.ts',
  'apps/router/src/retention.ts',
  'apps/sink-postgres/src/events-table/monthly-partitions.ts',
  'apps/sink-webhook/src/http/endpoint-client.ts',
  'apps/sink-webhook/src/delivery/endpoint-delivery.ts',
  'apps/sink-webhook/src/delivery/queue-retention.ts',
];
/** The console and the command line show moments to people, and store those of what people did. */
const SHOWN = ['apps/console/', 'apps/cli/'];

const sourcesIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((path) => /\/src\//.test(path) && !/node_modules|\/dist\//.test(path));
};

describe('the wall clock', () => {
  // An interval by `Date.now()` lasts for an hour where somebody puts the clock back by one: see `interval.ts`.
  it('is asked for moments alone, by files that are known to', async () => {
    const paths = [...(await sourcesIn('packages')), ...(await sourcesIn('apps'))];
    const asking: string[] = [];
    for (const path of paths) if ((await readFile(join(ROOT, path), 'utf8')).includes('Date.now(')) asking.push(path);
    const unknown = asking.filter(
      (path) => !MOMENTS.includes(path) && !SHOWN.some((folder) => path.startsWith(folder)),
    );
    expect(unknown).toEqual([]);
  });
});

describeOnRealRedis('a clock that is wrong', () => {
  let transport: FreshRedis['transport'];
  let redis: FreshRedis['redis'];
  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });
  const realNow = Date.now;
  afterEach(() => {
    Date.now = realNow;
  });

  const serve = (options: object, seen: string[]) => {
    const stop = new AbortController();
    const consumer = transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });
    const running = serveBatches(
      consumer,
      async (batch) => {
        seen.push(...batch.deliveries.map(({ event: { json } }) => json));
        await batch.settle(() => ({ kind: 'ack' }));
      },
      stop.signal,
    );
    return async () => {
      stop.abort();
      await running;
    };
  };

  // Protected by `monotonicMs` in `Claimer`.
  it.each([-HOUR_MS, HOUR_MS])(
    'of this process, set by %d ms: what others left is taken over all the same',
    async (by) => {
      const seen: string[] = [];
      await transport.producer.append(IN, [{ type: 't', json: '1' }]);
      const end = serve({ claimAfterMs: 500 }, seen);
      await waitFor(() => seen.length === 1, { what: 'the first' });
      Date.now = () => realNow() + by;
      const id = await redis.xadd('mr:{p0}:in', '*', 'type', 't', 'event', '2');
      await redis.call('XCLAIM', 'mr:{p0}:in', 'g', 'gone', 0, id as string, 'FORCE', 'IDLE', 60_000);
      await waitFor(() => seen.includes('2'), { what: 'what was left' });
      await end();
    },
  );

  // Protected by LONGEST_LEASE: until then it was waited for as long as the clock was ahead.
  it('of a server that is gone: its lease counts for no longer than one may last', async () => {
    const ahead = realNow() + HOUR_MS;
    await redis.hset(
      'mr:{p0}:lease:g',
      'owner',
      'gone',
      'token',
      ahead,
      'until',
      ahead,
      'next',
      'gone too',
      'next_has',
      0,
      'next_until',
      ahead,
    );
    await transport.producer.append(IN, [{ type: 't', json: '1' }]);
    const seen: string[] = [];
    const end = serve({ order: 'stream' }, seen);
    await waitFor(() => seen.length === 1, { what: 'the delivery' });
    await end();
  });

  it('of a server that is gone: a raise of partitions that it began ends', async () => {
    await redis.hset('mr:{ctl}:partitions', 'count', 1, 'raise', 'gone', 'to', 4, 'until', realNow() + HOUR_MS);
    await waitFor(async () => (await transport.partitions.read()).raise === undefined, {
      what: 'it to end',
    });
  });

  it('of a server that is gone: what it parked for longer than anything waits is due now', async () => {
    await transport.partitions.read();
    const payload = JSON.stringify(['type', 't', 'event', 'parked']);
    await redis.hset('mr:{p0}:parked:g:payloads', 'a', payload, 'b', payload);
    await redis.zadd('mr:{p0}:parked:g', realNow() + 30 * 24 * HOUR_MS, 'a', String(realNow() + HOUR_MS), 'b');
    const keys = ['mr:{p0}:parked:g', 'mr:{p0}:parked:g:payloads', 'mr:{p0}:again:g'];
    const [moved] = (await redis.call('FCALL', [
      STREAMS_LIBRARY.functionName('due'),
      3,
      ...keys,
      500,
      24 * HOUR_MS,
    ])) as number[];
    expect(moved).toBe(1);
    expect(await redis.zrange('mr:{p0}:parked:g', '0', '-1')).toEqual(['b']);
  });

  it('of a server that is gone: a bucket that it emptied fills from now on', async () => {
    const size = { tokens: 10, windowMs: 500 };
    await redis.hset('mr:{rate:b}', 'tokens', 0, 'at', realNow() + HOUR_MS);
    await waitFor(async () => (await new TokenBuckets(transport).take('b', size, 1, 0)).ok, {
      what: 'a token',
    });
  });
});
