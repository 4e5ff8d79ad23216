import type { Operations } from '@millrace/operations';
import type { RedisTransport } from '@millrace/streams/redis';
import { ACK, consume, hold } from '@millrace/streams/testing';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const KEY = 'mr:{p0}:in';

describeOnRealRedis('the doctor of groups', () => {
  let transport: RedisTransport;
  let operations: Operations;
  let redis: FreshRedis['redis'];

  freshRedis((fresh) => {
    ({ transport, operations, redis } = fresh);
  });

  const append = (count: number) =>
    transport.producer.append(
      IN,
      Array.from({ length: count }, (_, n) => ({ type: 'test', json: `{"id":"${n}"}` })),
    );
  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, ...options });

  it('names a group in which something is stuck', async () => {
    await append(3);
    const { letGo } = await hold(consumer());
    expect(await operations.doctor.examine([IN])).toEqual([]);
    const found = await waitFor(
      async () => {
        const findings = await operations.doctor.examine([IN, { name: 'none', partition: 0 }], 1);
        return findings.length > 0 && findings;
      },
      { what: 'something to be idle for a millisecond' },
    );
    expect(found).toMatchObject([{ check: 'group', verdict: 'warning' }]);
    expect(found[0]?.detail).toMatch(/^g on in \(partition 0\) has 3 entries in flight/);
    await letGo();
  });

  // Protected by the hand-over in `retire`: XGROUP DELCONSUMER alone throws away what is pending.
  it('reassigns the pending deliveries of a consumer that is gone, and removes it', async () => {
    await append(1200);
    await redis.call('XGROUP', 'CREATE', KEY, 'g', '0');
    await redis.call('XREADGROUP', 'GROUP', 'g', 'gone', 'STREAMS', KEY, '>');
    const ids = (await redis.xrange(KEY, '-', '+')).map(([id]) => id);
    await redis.call('XCLAIM', KEY, 'g', 'gone', 0, ...ids, 'IDLE', 7_200_000, 'JUSTID');
    const names = async () => String(await redis.call('XINFO', 'CONSUMERS', KEY, 'g'));
    expect(await names()).toContain('gone');
    await waitFor(
      async () => {
        await operations.doctor.tidy([IN], 1);
        return !/\bgone\b/.test(await names());
      },
      { what: 'the consumer to be forgotten' },
    );
    const taken = await consume(consumer({ claimAfterMs: 100 }), (seen) => seen.length === 1200);
    expect(new Set(taken.map(({ position }) => position))).toEqual(new Set(ids));
    expect(taken.every(({ attempt }) => attempt === 2)).toBe(true);
  });

  it('lets a consumer be that has the lease', async () => {
    await append(2);
    const first = await hold(consumer({ order: 'stream', maxBatch: 1 }));
    for (let looks = 0; looks < 20; looks++) await operations.doctor.tidy([IN], 1);
    const { stale } = await first.batch.settle(() => ({ kind: 'reject', cause: new Error('still mine') }));
    expect(stale).toEqual([]);
    await first.letGo();
  });

  it('removes libraries of other versions, and no others', async () => {
    await append(1);
    const load = (name: string) =>
      redis.call(
        'FUNCTION',
        'LOAD',
        `#!lua name=${name}\nredis.register_function('${name}_f', function() return 1 end)`,
      );
    await load('millrace_0123456789ab');
    await load('millrace_operations_0123456789ab');
    await load('millrace_definitions_0123456789ab');
    await load('millrace_series_0123456789ab');
    await load('theirs');
    const old = ['millrace_0123456789ab', 'millrace_definitions_0123456789ab', 'millrace_operations_0123456789ab'];
    expect((await operations.doctor.tidy([])).libraries.toSorted()).toEqual(old);
    const left = String(await redis.call('FUNCTION', 'LIST'));
    expect(left).toContain('millrace_series_0123456789ab');
    expect(left).toContain('theirs');
    for (const name of old) expect(left).not.toContain(name);
    expect((await append(1))[0]?.status).toBe('accepted');
    await consume(
      consumer(),
      (seen) => seen.length === 2,
      () => ACK,
    );
  });
});
