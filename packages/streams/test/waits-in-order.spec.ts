import { Unavailable } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import { deadLettersOf } from './fixtures/dead-letters.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const event = (n: number) => ({ type: 'test', json: `{"id":"${n}","source":"/s","partitionkey":"k${n}"}` });
const away = new Unavailable('the table is gone');

describeOnRealRedis('what waits for its target in key order', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];
  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });

  // Each time the connection is lost, all that is pending is taken up anew, as if its owner had died.
  it('is not counted however often the connection to Redis is lost meanwhile', async () => {
    await transport.producer.append(IN, [1, 2, 3].map(event));
    const stop = new AbortController();
    const attempts = new Map<string, number>();
    let rounds = 0;
    const consumer = transport.consumer({
      group: 'g',
      streams: () => ['in'],
      partition: 0,
      order: 'key' as const,
      maxAttempts: 3,
    });
    const running = (async () => {
      for await (const batch of consumer.batches(stop.signal)) {
        for (const { position, attempt } of batch.deliveries) attempts.set(position, attempt);
        rounds += 1;
        await batch.settle(() => ({ kind: 'wait', cause: away, afterMs: 20 }));
      }
    })();
    await waitFor(() => attempts.size === 3, { what: 'all to be tried' });
    for (let losses = 0; losses < 6; losses += 1) {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const before = rounds;
      await waitFor(() => rounds > before + 6, { what: 'all to be tried again' });
    }
    expect(await deadLettersOf(redis)).toEqual([]);
    expect([...attempts.values()]).toEqual([1, 1, 1]);
    stop.abort();
    await running;
  });

  // Such a process is alive, so nothing of what it has in hand may have killed it.
  it.each(['key', 'stream'] as const)(
    'was read in an answer that is lost, or not handed out yet: that is no attempt; order by %s',
    async (order) => {
      const large = 'x'.repeat(700_000);
      const largeEvent = (n: number) => ({ type: 'test', json: `{"id":"${n}","source":"/s","data":"${large}"}` });
      // More than one answer may have.
      for (let n = 0; n < 50; n += 10)
        await transport.producer.append(
          IN,
          Array.from({ length: 10 }, (_, k) => largeEvent(n + k)),
        );
      const stop = new AbortController();
      const seen: number[] = [];
      const attempts = new Set<number>();
      const consumer = transport.consumer({
        group: 'g',
        streams: () => ['in'],
        partition: 0,
        order,
        maxAttempts: 1,
      });
      for await (const batch of consumer.batches(stop.signal)) {
        if (seen.length === 10) await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        const first = batch.deliveries.slice(0, 1);
        for (const { attempt } of first) attempts.add(attempt);
        const { stale } = await batch.settle(() => ({ kind: 'ack' }), first);
        const gone = new Set(stale);
        for (const one of first) {
          if (!gone.has(one)) seen.push(Number((JSON.parse(one.event.json) as { id: string }).id));
        }
        if (seen.length >= 50) stop.abort();
      }
      expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
      expect([...attempts]).toEqual([1]);
      expect(await deadLettersOf(redis)).toEqual([]);
    },
  );
});
