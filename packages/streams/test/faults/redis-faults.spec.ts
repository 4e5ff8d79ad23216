import type { Delivery, StreamedEvent } from '@millrace/streams';
import { serveBatches, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, TcpProxy, waitFor } from '@millrace/testkit';
import { ACK, consume, hold } from '../../src/testing/take.js';
import { deadLettersOf } from '../fixtures/dead-letters.js';
import { type FreshRedis, freshRedis } from '../fixtures/fresh-redis.js';

const event = (n: number | string): StreamedEvent => ({ type: 'test', json: JSON.stringify({ id: String(n) }) });
const events = (count: number): StreamedEvent[] => Array.from({ length: count }, (_, n) => event(n));
const jsonOf = ({ event: { json } }: Delivery): string => json;
const IN = { name: 'in', partition: 0 };

describeOnRealRedis('what can go wrong with Redis', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];

  freshRedis(
    (fresh) => {
      ({ server, transport, redis } = fresh);
    },
    { appendonly: 'yes', appendfsync: 'always' },
  );

  const consumer = (options: object = {}) =>
    transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, claimAfterMs: 200, ...options });
  const deadLetters = async (group = 'g') =>
    (await redis.call('XRANGE', `mr:{p0}:dead:${group}`, '-', '+')) as [string, string[]][];
  const fieldsOf = (entry: [string, string[]]): Record<string, string> => {
    const fields: Record<string, string> = {};
    for (let i = 0; i < entry[1].length; i += 2) fields[entry[1][i] as string] = entry[1][i + 1] as string;
    return fields;
  };

  it('an event that kills whoever holds it ends alone in the dead letters', async () => {
    await transport.producer.append(IN, events(5));
    // A crash: what it held stays pending, and nobody says so.
    const crash = async (name: string): Promise<Delivery[]> => {
      const { batch } = await hold(consumer({ name }));
      await redis.call(
        'XCLAIM',
        'mr:{p0}:in',
        'g',
        `${name}-gone`,
        0,
        ...batch.deliveries.map(({ position }) => position),
        'JUSTID',
      );
      return [...batch.deliveries];
    };
    expect(await crash('first')).toHaveLength(5);
    const survivor = consumer({ name: 'survivor', maxAttempts: 3 });
    const sizes: number[] = [];
    for await (const batch of survivor.batches(AbortSignal.timeout(10_000))) {
      sizes.push(batch.deliveries.length);
      await batch.settle((delivery) =>
        jsonOf(delivery) === '{"id":"2"}' ? { kind: 'retry', cause: new Error('poison'), afterMs: 0 } : ACK,
      );
      if ((await deadLetters()).length > 0) break;
    }
    expect(sizes[0]).toBeGreaterThan(0);
    expect((await deadLetters()).map((entry) => fieldsOf(entry).event)).toEqual(['{"id":"2"}']);
  });

  it('what was delivered twice is claimed alone, so that it takes no neighbour with it', async () => {
    await transport.producer.append(IN, events(4));
    const { batch } = await hold(consumer({ name: 'crashing' }));
    const ids = batch.deliveries.map(({ position }) => position);
    // Two of them were delivered twice before: RETRYCOUNT says so.
    await redis.call('XCLAIM', 'mr:{p0}:in', 'g', 'gone', 0, ...ids, 'JUSTID');
    await redis.call(
      'XCLAIM',
      'mr:{p0}:in',
      'g',
      'gone',
      0,
      ids[1] as string,
      ids[2] as string,
      'RETRYCOUNT',
      2,
      'JUSTID',
    );
    const batches: string[][] = [];
    for await (const claimed of consumer({ name: 'survivor' }).batches(AbortSignal.timeout(10_000))) {
      batches.push(claimed.deliveries.map(jsonOf));
      await claimed.settle(() => ACK);
      if (batches.flat().length === 4) break;
    }
    expect(batches).toContainEqual(['{"id":"1"}']);
    expect(batches).toContainEqual(['{"id":"2"}']);
  });

  it('a target of the wrong type dead-letters its own events and loses nothing', async () => {
    await redis.set('mr:{p0}:topic:bad', 'a string');
    await transport.producer.append(IN, events(4));
    const to = (n: number) => (n === 1 ? ['topic:good', 'topic:bad'] : ['topic:good']);
    const { batch, letGo } = await hold(consumer({ hop: 'router' }));
    const { dead } = await batch.settle((delivery, i) => ({
      kind: 'forward',
      to: to(i).map((name) => ({ to: name, event: delivery.event })),
    }));
    await letGo();
    expect(dead.map(jsonOf)).toEqual(['{"id":"1"}']);
    const good = await transport.reader.range({ name: 'topic:good', partition: 0 }, '-', '+', 10);
    expect(good.map(jsonOf)).toEqual(['{"id":"0"}', '{"id":"2"}', '{"id":"3"}']);
    const [letter] = await deadLetters();
    expect(fieldsOf(letter as [string, string[]])).toMatchObject({ hop: 'router', stream: 'in', event: '{"id":"1"}' });
    expect(await redis.get('mr:{p0}:topic:bad')).toBe('a string');
  });

  it('what was trimmed while it was pending is a dead letter that says so', async () => {
    await transport.producer.append(IN, events(3));
    const { batch } = await hold(consumer({ name: 'crashing' }));
    const ids = batch.deliveries.map(({ position }) => position);
    await redis.call('XCLAIM', 'mr:{p0}:in', 'g', 'gone', 0, ...ids, 'JUSTID');
    await redis.xdel('mr:{p0}:in', ids[1] as string);
    const seen = await consume(consumer({ name: 'survivor' }), (all) => all.length === 2);
    expect(seen.map(jsonOf)).toEqual(['{"id":"0"}', '{"id":"2"}']);
    await waitFor(async () => (await deadLetters()).length === 1, { what: 'the dead letter' });
    const [letter] = await deadLetters();
    expect(fieldsOf(letter as [string, string[]])).toMatchObject({
      error: 'PayloadTrimmed',
      position: ids[1],
      stream: 'in',
    });
  });

  it.each(['FLUSHALL', 'FUNCTION FLUSH', 'XGROUP DESTROY mr:{p0}:in g', 'DEL mr:{p0}:in'])(
    'goes on after %s',
    async (command) => {
      await transport.producer.append(IN, events(2));
      const seen: string[] = [];
      const stop = new AbortController();
      const running = (async () => {
        for await (const batch of consumer().batches(stop.signal)) {
          await batch.settle(() => ACK);
          seen.push(...batch.deliveries.map(jsonOf));
        }
      })();
      await waitFor(() => seen.length === 2, { what: 'the first two' });
      const [name, ...args] = command.split(' ');
      await redis.call(name as string, ...args);
      await transport.producer.append(IN, [event('after')]);
      await waitFor(() => seen.includes('{"id":"after"}'), { what: `what came after ${command}` });
      stop.abort();
      await running;
    },
  );

  it('goes on after a restart of Redis: what was accepted is there', async () => {
    await transport.producer.append(IN, events(3));
    const seen: string[] = [];
    const stop = new AbortController();
    const running = (async () => {
      for await (const batch of consumer().batches(stop.signal)) {
        await batch.settle(() => ACK);
        seen.push(...batch.deliveries.map(jsonOf));
      }
    })();
    await waitFor(() => seen.length === 3, { what: 'the first three' });
    await server.kill();
    await expect(transport.producer.append(IN, [event('meanwhile')])).rejects.toThrow(Unavailable);
    await server.restart();
    await waitFor(() => transport.producer.append(IN, [event('after')]).then(() => true), { what: 'an append' });
    await waitFor(() => seen.includes('{"id":"after"}'), { what: 'what came after the restart' });
    stop.abort();
    await running;
    expect(new Set(seen).size).toBe(seen.length);
  });

  // Protected by reading without `blockingTimeout`: with it a late answer is dropped, and what it held waits to be claimed.
  it.each(['none', 'stream', 'key'] as const)('an answer that comes late is not lost, in order %s', async (order) => {
    const proxy = await TcpProxy.to(server.port);
    const slow = new RedisTransport({ url: `redis://127.0.0.1:${proxy.port}` });
    const seen: Delivery[] = [];
    const stop = new AbortController();
    const options = { group: 'g', streams: () => ['in'], partition: 0, claimAfterMs: 60_000, order };
    const running = serveBatches(
      slow.consumer(options),
      async (batch) => {
        seen.push(...batch.deliveries);
        await batch.settle(() => ACK);
      },
      stop.signal,
    );
    await transport.producer.append(IN, [event(1)]);
    await waitFor(() => seen.length === 1, { what: 'the first' });
    const clients = async () => String(await redis.call('CLIENT', 'LIST'));
    await waitFor(async () => /flags=b.*cmd=xreadgroup/.test(await clients()), { what: 'the next read to wait' });
    proxy.stall();
    await waitFor(
      async () => {
        // As often as it takes for a read to be answered that is held up.
        await transport.producer.append(IN, [event(2)]);
        const [row] = (await redis.call('XPENDING', 'mr:{p0}:in', 'g', 'IDLE', 1500, '-', '+', 1)) as unknown[];
        return row !== undefined;
      },
      { what: 'an entry that was handed out a while ago', everyMs: 100 },
    );
    proxy.flow();
    await transport.producer.append(IN, [event('last')]);
    await waitFor(() => seen.some((one) => jsonOf(one) === '{"id":"last"}'), { what: 'the last' });
    const all = await transport.reader.range(IN, '-', '+', 1000);
    await waitFor(() => seen.length === all.length, { what: 'all that was between' });
    expect(seen.map(({ position }) => position).toSorted()).toEqual(all.map(({ position }) => position));
    expect(seen.every(({ attempt }) => attempt === 1)).toBe(true);
    stop.abort();
    await running;
    await slow.close();
    await proxy.close();
  });

  it('a full Redis refuses to append, and still settles', async () => {
    await transport.producer.append(IN, events(2));
    const { batch, letGo } = await hold(consumer());
    await redis.config('SET', 'maxmemory', '1mb');
    await expect(transport.producer.append(IN, [event('too much')])).rejects.toThrow(Unavailable);
    expect(await batch.settle(() => ACK)).toEqual({ stale: [], parked: [], dead: [] });
    await redis.config('SET', 'maxmemory', '0');
    await letGo();
    await transport.producer.append(IN, [event('again')]);
    expect((await consume(consumer(), (all) => all.length === 1)).map(jsonOf)).toEqual(['{"id":"again"}']);
  });

  // Protected by `lagOf`: the gateway would answer 429 for ever to a router that has nothing to do.
  it('a counter of entries read that a restart did not restore is no backlog', async () => {
    await transport.producer.append(IN, events(50));
    await consume(consumer(), (all) => all.length === 50);
    const [row] = (await redis.call('XINFO', 'GROUPS', 'mr:{p0}:in')) as [unknown[]];
    const last = row[row.indexOf('last-delivered-id') + 1] as string;
    const lagOf = async () => {
      const [group] = (await redis.call('XINFO', 'GROUPS', 'mr:{p0}:in')) as [unknown[]];
      return group[group.indexOf('lag') + 1];
    };
    await redis.call('XGROUP', 'SETID', 'mr:{p0}:in', 'g', last, 'ENTRIESREAD', 10);
    expect(await lagOf()).toBe(40);
    expect(await transport.streams.backlog(IN, 'g')).toBe(0);
    expect((await transport.streams.inspect([IN]))[0]?.groups).toMatchObject([{ name: 'g', lag: 0 }]);
    await transport.trimmer.trim([{ stream: IN, retention: { maxLength: 100, maxAgeMs: 0 }, groups: ['g'] }]);
    expect(await lagOf()).toBe(0);
  });

  it('an entry that is not ours is a dead letter, not a reason to stop', async () => {
    await redis.xadd('mr:{p0}:in', '*', 'foo', 'bar');
    await transport.producer.append(IN, [event(1)]);
    const seen = await consume(
      consumer(),
      (all) => all.length === 2,
      ({ event: { json } }) => (json === '' ? { kind: 'reject', cause: new Error('no event') } : ACK),
    );
    expect(seen.map(jsonOf)).toEqual(['', '{"id":"1"}']);
    const [letter] = await deadLettersOf(redis);
    expect(letter?.fields).toBe('["foo","bar"]');
  });

  it('two versions of the library stand side by side', async () => {
    await redis.call(
      'FUNCTION',
      'LOAD',
      "#!lua name=millrace_other\nredis.register_function('millrace_other_f', function() return 1 end)",
    );
    await transport.producer.append(IN, [event(1)]);
    const libraries = JSON.stringify(await redis.call('FUNCTION', 'LIST'));
    expect(libraries).toContain('millrace_other');
    expect(libraries.match(/"millrace_[0-9a-f]+"/g)?.length).toBeGreaterThan(0);
  });
});
