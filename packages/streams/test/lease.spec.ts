import { type Delivery, deadStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, waitFor } from '@millrace/testkit';
import { ACK, consume, hold } from '../src/testing/take.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const LEASE = 'mr:{p0}:lease:g';
const event = (n: number) => ({ type: 'test', json: `{"id":"${n}","source":"/s","partitionkey":"k"}` });
const numberOf = ({ event: { json } }: Delivery): number => Number((JSON.parse(json) as { id: string }).id);

describeOnRealRedis('a lease', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];

  freshRedis((fresh) => {
    ({ server, transport, redis } = fresh);
  });

  const append = (...numbers: number[]) => transport.producer.append(IN, numbers.map(event));
  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, order: 'stream', ...options });

  it('is held by one; the other takes over when it runs out', async () => {
    await append(1, 2);
    const first = await hold(consumer({ name: 'first', claimAfterMs: 600 }));
    expect(await redis.hget(LEASE, 'owner')).toMatch(/^first-/);
    const second = consume(consumer({ name: 'second', claimAfterMs: 600 }), (seen) => seen.length === 3);
    await append(3);
    // A process that is asleep does not renew. Long enough for the first to see that it has lost the lease.
    await redis.hset(LEASE, 'owner', 'asleep', 'until', Date.now() + 2000);
    expect((await second).map(numberOf)).toEqual([1, 2, 3]);
    await first.letGo();
  });

  // Protected by `holds` in `settle`: without it the first, whose entries are still pending, would forward them too.
  it('fences off who had it before, whatever it wants', async () => {
    await append(1, 2);
    const first = await hold(consumer({ claimAfterMs: 60_000 }));
    await redis.hincrby(LEASE, 'token', 1);
    const to = [{ to: 'topic:t', event: event(1) }];
    expect((await first.batch.settle(() => ({ kind: 'forward', to }))).stale).toHaveLength(2);
    expect(await redis.exists('mr:{p0}:topic:t')).toBe(0);
    expect(await redis.exists(`mr:{p0}:${deadStream('g')}`)).toBe(0);
    await first.letGo();
  });

  // Protected by `foreign_pending`, asked right behind every read: what went to the sleeper would come after what came later.
  it('keeps the order where the one before read on in its sleep', async () => {
    await append(1);
    const seen: number[] = [];
    const stop = new AbortController();
    const running = (async () => {
      for await (const batch of consumer().batches(stop.signal)) {
        seen.push(...batch.deliveries.map(numberOf));
        await batch.settle(() => ACK);
        if (seen.length === 1) {
          // A read of the sleeper's, answered late: it gets 2 although it has the lease no more.
          await append(2);
          await redis.call('XREADGROUP', 'GROUP', 'g', 'sleeper', 'STREAMS', 'mr:{p0}:in', '>');
          await append(3);
        }
      }
    })();
    await waitFor(() => seen.length === 3, { what: 'all three' });
    expect(seen).toEqual([1, 2, 3]);
    stop.abort();
    await running;
  });

  // Protected by `behind` of the fetcher: asked before the read, which then waits, it knows nothing of what came meanwhile.
  it('keeps the order where the one before was handed something while the owner waits', async () => {
    await append(1);
    const seen: number[] = [];
    const stop = new AbortController();
    const running = (async () => {
      for await (const batch of consumer().batches(stop.signal)) {
        seen.push(...batch.deliveries.map(numberOf));
        await batch.settle(() => ACK);
      }
    })();
    const isWaiting = async () => /flags=\S*b\S* .*cmd=xreadgroup/.test(String(await redis.call('CLIENT', 'LIST')));
    await waitFor(async () => seen.length === 1 && (await isWaiting()), { what: 'the owner to wait' });
    const add = (n: number) => ['XADD', 'mr:{p0}:in', '*', 'type', 'test', 'event', event(n).json] as const;
    // In one step: the sleeper is handed 2, and the owner, whose read waits, 3.
    const both = redis.multi();
    both.call(...add(2));
    both.call('XREADGROUP', 'GROUP', 'g', 'sleeper', 'STREAMS', 'mr:{p0}:in', '>');
    both.call(...add(3));
    await both.exec();
    await waitFor(() => seen.length === 3, { what: 'all three' });
    expect(seen).toEqual([1, 2, 3]);
    stop.abort();
    await running;
  });

  // Protected by `yield` of who stands by: else the place of the second is kept for it until its time runs out.
  it('waits for nobody who stood by and went', async () => {
    await append(1);
    const first = await hold(consumer({ name: 'first' }));
    const going = new AbortController();
    const second = (async () => {
      for await (const _ of consumer({ name: 'second' }).batches(going.signal)) throw new Error('it is not its turn');
    })();
    await waitFor(async () => /^second-/.test((await redis.hget(LEASE, 'next')) ?? ''), {
      what: 'the second to be next',
    });
    going.abort();
    await second;
    expect(await redis.hexists(LEASE, 'next')).toBe(0);
    await first.letGo();
  });

  it('of several partitions is shared fairly among processes, and nothing is handed out twice', async () => {
    const PARTITIONS = 4;
    const stop = new AbortController();
    const seen: string[] = [];
    const running: Promise<void>[] = [];
    const join = (process_: RedisTransport, name: string): void => {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const one = process_.consumer({
          group: 'g',
          streams: () => ['in'],
          partition,
          order: 'stream',
          name,
          claimAfterMs: 300,
        });
        const read = async (): Promise<void> => {
          for await (const batch of one.batches(stop.signal)) {
            const { stale } = await batch.settle(() => ACK);
            seen.push(
              ...batch.deliveries.filter((it) => !stale.includes(it)).map((it) => `${partition}/${it.position}`),
            );
          }
        };
        running.push(read());
      }
    };
    const owners = async (): Promise<string> => {
      const all = Array.from({ length: PARTITIONS }, (_, p) => redis.hget(`mr:{p${p}}:lease:g`, 'owner'));
      return (await Promise.all(all))
        .map((owner) => owner?.split('-')[0])
        .sort()
        .join(' ');
    };
    const other = new RedisTransport({ url: server.url });
    join(transport, 'one');
    await waitFor(async () => (await owners()) === 'one one one one', { what: 'the first to have all' });
    join(other, 'two');
    let sent = 0;
    await waitFor(
      async () => {
        for (let partition = 0; partition < PARTITIONS; partition++) {
          await transport.producer.append({ name: 'in', partition }, [event(sent++)]);
        }
        return (await owners()) === 'one one two two';
      },
      { what: 'each to have two' },
    );
    await waitFor(() => seen.length >= sent, { what: 'everything to be settled' });
    expect(new Set(seen).size).toBe(sent);
    expect(seen).toHaveLength(sent);
    stop.abort();
    await Promise.all(running);
    await other.close();
  });

  it('an event that kills every owner is dead-lettered alone, its key’s next ones wait and then come', async () => {
    await append(1, 2, 3);
    await transport.producer.append(IN, [{ type: 'test', json: '{"id":"9","source":"/s","partitionkey":"other"}' }]);
    const done: number[] = [];
    let crashes = 0;
    const owner = async (): Promise<void> => {
      const name = `owner${crashes}`;
      for await (const batch of consumer({ order: 'key', name }).batches(AbortSignal.timeout(20_000))) {
        const numbers = batch.deliveries.map(numberOf);
        if (numbers.includes(1)) {
          // It dies: nothing is settled, nothing handed back, and the lease runs out.
          crashes += 1;
          const rows = (await redis.call('XPENDING', 'mr:{p0}:in', 'g', '-', '+', 100)) as [string][];
          for (const [id] of rows) await redis.call('XCLAIM', 'mr:{p0}:in', 'g', 'gone', 0, id, 'JUSTID');
          await redis.hincrby(LEASE, 'token', 1);
          return;
        }
        done.push(...numbers);
        await batch.settle(() => ACK);
        if (done.length === 3) return;
      }
    };
    while (done.length < 3) await owner();
    expect(crashes).toBe(5);
    expect(done.filter((n) => n !== 9)).toEqual([2, 3]);
    const letters = await transport.reader.range({ name: deadStream('g'), partition: 0 }, '-', '+', 10);
    expect(letters.map(numberOf)).toEqual([1]);
  });
});
