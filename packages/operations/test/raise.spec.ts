import { Operations, RaiseRefused, type Raiser } from '@millrace/operations';
import { type AppendResult, INBOX } from '@millrace/streams';
import { GateClosed, RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  type RedisCluster,
  type RedisServer,
  startRedisCluster,
  waitFor,
} from '@millrace/testkit';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';
import { type KeyedAccount, KeyedLoad } from './fixtures/keyed-load.js';

const NOTHING_WRONG = { lost: [], twice: [], disordered: [] };
const wrong = ({ lost, twice, disordered }: KeyedAccount) => ({ lost, twice, disordered });
const EVENT = { type: 'test', json: '{"id":"1","source":"/s","subject":"k"}' };
const WAIT_MS = 20_000;

const raiserOf = (transport: RedisTransport): Raiser => new Operations(transport).raiser;

describeOnRealRedis('the number of partitions', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];
  const others: RedisTransport[] = [];

  freshRedis((fresh) => {
    ({ server, transport, redis } = fresh);
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.close();
  });

  const open = (partitions: number, notices: string[] = []): RedisTransport => {
    const other = new RedisTransport({ url: server.url, partitions, onNotice: (notice) => notices.push(notice) });
    others.push(other);
    return other;
  };
  const append = (by: RedisTransport, partition: number, among: number): Promise<AppendResult[]> =>
    by.producer.append({ name: INBOX, partition }, [EVENT], { among });
  const refusal = (appended: Promise<unknown>): Promise<GateClosed> =>
    appended.then(
      () => {
        throw new Error('it was taken');
      },
      (error: unknown) => {
        expect(error).toBeInstanceOf(GateClosed);
        return error as GateClosed;
      },
    );

  it('is what the first process says; others follow, and the doctor tells', async () => {
    const [first, second] = [open(2), open(4)];
    expect(await first.partitions.read()).toEqual({ count: 2 });
    expect(await second.partitions.read()).toEqual({ count: 2 });
    expect(second.partitions.count).toBe(2);
    expect(await first.partitions.examine()).toEqual({
      check: 'partitions',
      verdict: 'ok',
      detail: 'there are 2 partitions',
    });
    expect(await second.server.examine()).toContainEqual({
      check: 'partitions',
      verdict: 'warning',
      detail: expect.stringMatching(/^there are 2 partitions in Redis, which takes precedence over PARTITIONS=4; /),
    });
  });

  it('is not less than there are inboxes, of a version that did not store it', async () => {
    for (const partition of [0, 1, 2, 3]) await append(open(4), partition, 4);
    await redis.del('mr:{ctl}:partitions');
    const sink = new RedisTransport({ url: server.url, partitions: 1, storesPartitions: false });
    others.push(sink);
    const seen: number[] = [];
    sink.partitions.follow((count) => seen.push(count));
    await waitFor(() => seen.length === 1, { what: 'the sink to begin with its own' });
    expect(await redis.exists('mr:{ctl}:partitions')).toBe(0);
    expect(await open(1).partitions.read()).toEqual({ count: 4 });
    expect(await sink.partitions.read()).toEqual({ count: 4 });
  });

  it('is followed by a sink that began with a greater one', async () => {
    const sink = new RedisTransport({ url: server.url, partitions: 4, storesPartitions: false });
    others.push(sink);
    expect(await sink.partitions.read()).toEqual({ count: 4 });
    await open(2).partitions.read();
    expect(await sink.partitions.read()).toEqual({ count: 2 });
    expect(sink.partitions.count).toBe(2);
  });

  it('is known to every process within two seconds', async () => {
    const seen: number[] = [];
    const other = open(1);
    other.partitions.follow((count) => seen.push(count));
    await waitFor(() => seen.length === 1, { what: 'the first number' });
    await raiserOf(transport).raise(4, WAIT_MS);
    await waitFor(() => seen.length === 2, { what: 'the second' });
    expect(seen).toEqual([1, 4]);
  });

  it('is put back by who knows it where Redis loses it', async () => {
    await raiserOf(transport).raise(4, WAIT_MS);
    await redis.flushall();
    expect(await transport.partitions.read()).toEqual({ count: 4 });
    expect(await open(1).partitions.read()).toEqual({ count: 4 });
  });

  it('never falls, and is not raised beyond reason', async () => {
    await raiserOf(transport).raise(4, WAIT_MS);
    await expect(raiserOf(transport).raise(2, WAIT_MS)).rejects.toThrow(
      new RaiseRefused('there are 4 partitions; the partition count cannot decrease', 'invalid'),
    );
    await expect(raiserOf(transport).raise(1025, WAIT_MS)).rejects.toThrow(
      'the partition count must be at most 1024, got 1025',
    );
    expect(await raiserOf(transport).raise(4, WAIT_MS)).toEqual({ from: 4, to: 4, closedMs: 0 });
  });

  // Protected by the gate in `append`: what a process knows may be a second old, or as old as its longest sleep.
  it('is asked for by whoever missed the news, and then its events are taken', async () => {
    const sleeper = open(1);
    await sleeper.partitions.ready();
    await raiserOf(transport).raise(4, WAIT_MS);
    sleeper.partitions.stop();
    const refused = await refusal(append(sleeper, 0, 1));
    expect(refused.gate).toEqual({ count: 4 });
    expect(await redis.exists('mr:{p0}:in')).toBe(0);
    await sleeper.partitions.refused(refused);
    expect(sleeper.partitions.count).toBe(4);
    expect(await append(sleeper, 3, 4)).toMatchObject([{ status: 'accepted' }]);
  });

  it('is no matter of streams whose partition nobody chose by it', async () => {
    await raiserOf(transport).raise(4, WAIT_MS);
    expect(await transport.producer.append({ name: 'topic:t', partition: 0 }, [EVENT])).toMatchObject([
      { status: 'accepted' },
    ]);
  });

  describe('where what came before is not done', () => {
    beforeEach(async () => {
      await transport.registry.registerGroup({ group: 'router', hop: 'router', streams: [INBOX] });
      await append(transport, 0, 1);
    });

    it('stays, says who is in the way, and events are taken in again', async () => {
      await expect(raiserOf(transport).raise(4, 300)).rejects.toThrow(
        'not done in time: router has 1 event unacknowledged, such as in in of partition 0',
      );
      expect(await transport.partitions.read()).toEqual({ count: 1 });
      expect(await append(transport, 0, 1)).toMatchObject([{ status: 'accepted' }]);
    });

    it('stays at once where that is paused', async () => {
      await new Operations(transport).settings.setPause('router', { at: Date.now(), who: 'me' });
      await expect(raiserOf(transport).raise(4, WAIT_MS)).rejects.toThrow(
        /^router has 1 event .* and it is paused; resume/,
      );
      expect(await redis.exists('mr:{p0}:gate')).toBe(0);
    });

    it('is raised by one at a time', async () => {
      const first = raiserOf(transport)
        .raise(4, WAIT_MS)
        .catch((error: Error) => error);
      await waitFor(async () => (await open(1).partitions.read()).raise?.to === 4, { what: 'the first to have begun' });
      await expect(raiserOf(open(1)).raise(8, WAIT_MS)).rejects.toThrow('another partition increase is in progress');
      const router = transport.consumer({ group: 'router', streams: () => [INBOX], partition: 0 });
      for await (const batch of router.batches(AbortSignal.timeout(WAIT_MS))) {
        await batch.settle(() => ({ kind: 'ack' }));
        break;
      }
      expect(await first).toMatchObject({ from: 1, to: 4 });
    });

    // Protected by the lease: nobody else knows whether the gates are still meant to be closed.
    it('does not stay closed where whoever raises it is gone', async () => {
      const notices: string[] = [];
      const gone = new RedisTransport({ url: server.url });
      const raise = raiserOf(gone)
        .raise(4, 60_000)
        .catch((error: Error) => error);
      await waitFor(async () => (await redis.get('mr:{p0}:gate'))?.startsWith('1 ') === true, {
        what: 'a closed gate',
      });
      await gone.close();
      const witness = open(1, notices);
      const refused = await refusal(append(witness, 0, 1));
      await witness.partitions.refused(refused);
      await refusal(append(witness, 0, 1)); // Its lease still runs.
      witness.partitions.start();
      await waitFor(() => append(witness, 0, 1).catch(() => undefined), {
        what: 'events to be taken in again',
        everyMs: 100,
      });
      expect(notices.join()).toMatch(/partition increase abandoned: the count stays at 1; accepting events again/);
      expect(await raise).toBeInstanceOf(Error);
      expect(await witness.partitions.read()).toEqual({ count: 1 });
    });

    // Protected by `isOrdered` of its registration: the new partition's first events would overtake these.
    it('waits for sinks in order, and for no others', async () => {
      const { registry, producer } = transport;
      await redis.unlink('mr:{p0}:in');
      await registry.registerTopics(['t']);
      await registry.registerGroup({ group: 'fast', hop: 'sink', streams: ['topic:*'] });
      await producer.append({ name: 'topic:t', partition: 0 }, [EVENT]);
      expect(await raiserOf(transport).raise(2, WAIT_MS)).toMatchObject({ from: 1, to: 2 });
      await registry.registerGroup({ group: 'strict', hop: 'sink', streams: ['topic:*'], isOrdered: true });
      await expect(raiserOf(transport).raise(4, 300)).rejects.toThrow(/^not done in time: strict has 1 event/);
      await redis.zadd('mr:{p1}:parked:strict', Date.now() + 60_000, 'topic:t/1-1/0');
      await redis.unlink('mr:{p0}:topic:t');
      await expect(raiserOf(transport).raise(4, 300)).rejects.toThrow(/as in parked:strict of partition 1$/);
    });
  });

  // Protected by `refused`: the number alone decides, and gates that were not reached follow it.
  it('is so as soon as it is stored, whatever the gates say', async () => {
    await transport.partitions.ready();
    await redis.set('mr:{p0}:gate', '1 a-raise-that-was-done');
    await redis.hset('mr:{ctl}:partitions', 'count', 4);
    const late = open(1);
    await late.partitions.refused(await refusal(append(late, 0, 1)));
    expect(await redis.get('mr:{p0}:gate')).toBe('4');
    expect((await refusal(append(late, 0, 1))).gate).toEqual({ count: 4 });
    expect(await append(late, 0, late.partitions.count)).toMatchObject([{ status: 'accepted' }]);
  });

  it('is what a gate was opened for where a failover lost it', async () => {
    await transport.partitions.ready();
    await redis.set('mr:{p0}:gate', '4');
    await transport.partitions.refused(await refusal(append(transport, 0, 1)));
    expect(await open(1).partitions.read()).toEqual({ count: 4 });
  });
});

describeOnRealRedis('the number of partitions, raised under load', () => {
  let server: RedisServer;
  let load: KeyedLoad;

  afterEach(() => load.stop()); // Before the Redis that it hands back to.
  freshRedis(
    (fresh) => {
      ({ server } = fresh);
    },
    { appendonly: 'yes' },
  );
  beforeEach(async () => {
    load = new KeyedLoad({ url: server.url });
    await load.start();
  });

  // Protected by the gates, by waiting for the router, and by waiting for sinks in order: without one of them keys overtake.
  it('loses, doubles and reorders nothing', async () => {
    await load.more(2000);
    expect(await raiserOf(load.open()).raise(2, WAIT_MS)).toMatchObject({ from: 1, to: 2 });
    await load.more(2000);
    expect(await raiserOf(load.open()).raise(4, WAIT_MS)).toMatchObject({ from: 2, to: 4 });
    await load.more(2000);
    const account = await load.finish();
    expect(wrong(account)).toEqual(NOTHING_WRONG);
    expect(account.partitions).toEqual([0, 1, 2, 3]);
    expect(load.refusals).toBeGreaterThan(0);
  });

  it('is no matter of a producer that does not hear of it but by refusals', async () => {
    const deaf = load.open();
    await deaf.partitions.ready();
    deaf.partitions.start();
    deaf.partitions.stop();
    load.produce('deaf', deaf);
    await load.more(1000);
    await raiserOf(load.open()).raise(4, WAIT_MS);
    await load.more(2000);
    expect(wrong(await load.finish())).toEqual(NOTHING_WRONG);
  });

  it('stays where a sink in order is stuck, and everything goes on', async () => {
    let letGo: () => void = () => undefined;
    await load.more(1000);
    load.sinkWaits = new Promise((resolve) => (letGo = resolve));
    await expect(raiserOf(load.open()).raise(4, 1000)).rejects.toThrow(/^not done in time: sink has \d+ events/);
    await load.more(1000);
    letGo();
    load.sinkWaits = Promise.resolve();
    await load.more(500);
    const account = await load.finish();
    expect(wrong(account)).toEqual(NOTHING_WRONG);
    expect(account.partitions).toEqual([0]);
  });
});

describeOnRealRedis('the number of partitions of a Redis Cluster', () => {
  let cluster: RedisCluster;
  let load: KeyedLoad;
  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 5000 });
  });
  afterAll(() => cluster.stop());
  afterEach(() => load.stop());

  it('is raised under load: nothing is lost, doubled or reordered, and partitions are spread', async () => {
    load = new KeyedLoad({ url: cluster.url });
    await load.start();
    await load.more(1000);
    await raiserOf(load.open()).raise(4, WAIT_MS);
    await load.more(1500);
    const account = await load.finish();
    expect(wrong(account)).toEqual(NOTHING_WRONG);
    expect(account.partitions).toEqual([0, 1, 2, 3]);
  });
});
