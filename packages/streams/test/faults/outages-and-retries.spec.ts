import { type Delivery, deadStream, serveBatches, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import { ACK, consume } from '../../src/testing/take.js';
import { type FreshRedis, freshRedis } from '../fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const HOUR_MS = 3_600_000;
const event = (n: number) => ({ type: 'test', json: `{"id":"${n}"}` });
const jsonOf = ({ event: { json } }: Delivery): string => json;

describeOnRealRedis('outages and retries', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];

  freshRedis((fresh) => {
    ({ transport, redis } = fresh);
  });

  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, claimAfterMs: 200, ...options });
  const dead = async () =>
    (await transport.reader.range({ name: deadStream('g'), partition: 0 }, '-', '+', 100)).length;

  // Protected by `Unavailable` in `serveBatches`: as any other error it would count, and five of them dead-letter the batch.
  it.each(['none', 'key'] as const)(
    'a target that is away a thousand times counts nothing and buries nothing, in order %s',
    async (order) => {
      await transport.producer.append(IN, [event(1), event(2)]);
      const stop = new AbortController();
      let tries = 0;
      const seen: Delivery[] = [];
      const running = serveBatches(
        consumer({ order }),
        async (batch) => {
          if (++tries <= 1000) throw new Unavailable('away', { retryAfterMs: 1 });
          seen.push(...batch.deliveries);
          await batch.settle(() => ACK);
        },
        stop.signal,
      );
      await waitFor(() => seen.length === 2, { what: 'the target to be back' });
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 1]);
      expect(await dead()).toBe(0);
      stop.abort();
      await running;
    },
  );

  // Protected by the payload in `parked:<group>:payloads`: with the id alone there is nothing left to retry.
  it('a parked delivery keeps its payload when its topic is trimmed', async () => {
    await transport.producer.append(IN, [event(1)]);
    const seen = await consume(
      consumer(),
      (all) => all.length === 2,
      ({ attempt }) => {
        if (attempt > 1) return ACK;
        void redis.xtrim('mr:{p0}:in', 'MAXLEN', 0);
        return { kind: 'retry', cause: new Error('later'), afterMs: 100 };
      },
    );
    expect(await redis.xlen('mr:{p0}:in')).toBe(0);
    expect(seen.map(jsonOf)).toEqual(['{"id":"1"}', '{"id":"1"}']);
  });

  // Protected by the timer in `RetryTimer`: a poll would show as `due`.
  it('a parked delivery costs no polling', async () => {
    await transport.producer.append(IN, [event(1)]);
    const stop = new AbortController();
    const running = serveBatches(
      consumer({ claimAfterMs: 600_000 }),
      async (batch) => {
        await batch.settle(({ event: { json } }) =>
          json === '{"id":"1"}' ? { kind: 'retry', cause: new Error('later'), afterMs: HOUR_MS } : ACK,
        );
      },
      stop.signal,
    );
    const key = transport.keys.parked('g', 0);
    await waitFor(async () => (await redis.zcard(key)) === 1, { what: 'it to be parked' });
    await redis.config('RESETSTAT');
    // Other work goes on, and only that.
    for (let n = 2; n < 30; n++) await transport.producer.append(IN, [event(n)]);
    await waitFor(async () => (await transport.streams.backlog(IN, 'g')) === 0, { what: 'the others to be done' });
    const zsets = /cmdstat_(zrangebyscore|zrem)/.exec(await redis.info('commandstats'));
    expect(zsets).toBeNull();
    stop.abort();
    await running;
  });

  it('whoever asks to come back in a year is asked at the end of our patience', async () => {
    await transport.producer.append(IN, [event(1)]);
    const seen = await consume(
      consumer({ maxRetryAgeMs: 300 }),
      (all) => all.length === 2,
      ({ attempt }) => (attempt === 1 ? { kind: 'retry', cause: new Error('busy'), afterMs: 365 * 24 * HOUR_MS } : ACK),
    );
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  // Protected by the stored attempts: each crash is Redis's count, each retry the entry's own.
  it('attempts are counted across crashes and retries', async () => {
    await transport.producer.append(IN, [event(1)]);
    const attempts: number[] = [];
    for (const end of ['crash', 'retry', 'crash', 'done']) {
      const iterator = consumer().batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
      const { value: batch } = await iterator.next();
      const [delivery] = batch.deliveries as [Delivery];
      attempts.push(delivery.attempt);
      if (end === 'crash') {
        // Who dies hands nothing back: what it had stands under the name of somebody who is gone.
        const key = attempts.length === 1 ? 'mr:{p0}:in' : 'mr:{p0}:again:g';
        const [[id]] = (await redis.call('XPENDING', key, 'g', '-', '+', 1)) as [[string]];
        await redis.call('XCLAIM', key, 'g', 'gone', 0, id, 'JUSTID');
      } else {
        const retry = { kind: 'retry', cause: new Error('not yet'), afterMs: 1 } as const;
        await batch.settle(() => (end === 'retry' ? retry : ACK));
      }
      await iterator.return?.();
    }
    expect(attempts).toEqual([1, 2, 3, 4]);
  });
});
