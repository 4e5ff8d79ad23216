import { RedisTransport } from '@millrace/streams/redis';
import { describeTransport } from '@millrace/streams/testing';
import { describeOnRealRedis, type RedisServer, type SentinelRedis, startSentinels, waitFor } from '@millrace/testkit';
import { commandTo, growthOf, killAheadOf, unconfirmed } from '../fixtures/kill-ahead.js';
import { Load } from '../fixtures/load.js';

let prefixes = 0;

describeOnRealRedis('Redis behind Sentinel', () => {
  let redis: SentinelRedis;
  beforeAll(async () => {
    redis = await startSentinels({ downAfterMs: 10_000 });
  });
  afterAll(() => redis.stop());
  describeTransport('Redis behind Sentinel', {
    open: async () => new RedisTransport({ url: redis.url, keyPrefix: `test${prefixes++}:` }),
  });
});

const WAITED = { level: 'everysec', replicas: 2, timeoutMs: 2000 } as const;

describeOnRealRedis('a failover by Sentinel, under load', () => {
  let redis: SentinelRedis;
  let load: Load;
  beforeEach(async () => {
    redis = await startSentinels({ config: { appendonly: 'yes' } });
  });
  afterEach(async () => {
    await load.stop();
    await redis.stop();
  });

  const failOver = async (isAhead: (primary: RedisServer) => Promise<void>) => {
    const victim = await redis.primary();
    const others = redis.servers.filter((server) => server !== victim);
    const awayAt = await killAheadOf(victim, others, isAhead);
    const isOther = async () => {
      const now = await redis.primary();
      return now !== victim && now;
    };
    const heir = await waitFor(isOther, { what: 'another primary', timeoutMs: 30_000, everyMs: 50 });
    return { victim, heir, awayAt };
  };

  it('puts nothing into a topic twice, and loses what replicas did not have yet', async () => {
    load = new Load({ url: redis.url, partitions: 2 });
    await load.more(200);
    const { awayAt } = await failOver((primary) => growthOf(primary, 'mr:{p0}:in', 40));
    await load.more(200);
    const { twice, lost, undelivered, disordered, accepted } = await load.finish();
    expect({ twice, undelivered, disordered }).toEqual({ twice: [], undelivered: [], disordered: [] });
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.filter((number) => (accepted.get(number) as number) < awayAt)).toEqual([]);
  }, 120_000);

  it('loses at most its last moment where replicas kept up', async () => {
    load = new Load({ url: redis.url, partitions: 2 });
    await load.more(200);
    const victim = await redis.primary();
    await victim.kill();
    const killedAt = performance.now();
    await load.more(200);
    const { twice, lost, undelivered, disordered, accepted } = await load.finish();
    expect({ twice, undelivered, disordered }).toEqual({ twice: [], undelivered: [], disordered: [] });
    expect(lost.filter((number) => (accepted.get(number) as number) < killedAt - 1000)).toEqual([]);
  }, 120_000);

  // Protected by `Confirmation`: whichever replica takes over has what all were waited for.
  it('loses nothing that all replicas were waited for', async () => {
    load = new Load({ url: redis.url, partitions: 2, durability: WAITED });
    await load.more(200);
    const { victim, heir } = await failOver((primary) => unconfirmed(primary, 'mr:{p0}:in', load));
    await victim.restart();
    await commandTo(victim, 'REPLICAOF', '127.0.0.1', heir.port); // Sentinel does this too, some seconds later.
    await load.more(200);
    const { twice, lost, undelivered, disordered } = await load.finish();
    expect({ twice, lost, undelivered, disordered }).toEqual({ twice: [], lost: [], undelivered: [], disordered: [] });
  }, 120_000);
});
