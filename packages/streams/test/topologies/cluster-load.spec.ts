import {
  describeOnRealRedis,
  type RedisCluster,
  type RedisServer,
  startRedisCluster,
  waitFor,
} from '@millrace/testkit';
import { commandTo, growthOf, killAheadOf, unconfirmed } from '../fixtures/kill-ahead.js';
import { type Account, CLAIM_AFTER_MS, Load } from '../fixtures/load.js';

const NOTHING_WRONG = { twice: [], lost: [], undelivered: [], disordered: [] };
const wrong = ({ twice, lost, undelivered, disordered }: Account) => ({ twice, lost, undelivered, disordered });
const tag = (partition: number) => `{p${partition}}`;

let prefixes = 0;
let load: Load;
const startLoad = (cluster: RedisCluster, partitions: number): Load => {
  load = new Load({ url: cluster.url, partitions, keyPrefix: `load${prefixes++}:` });
  return load;
};

describeOnRealRedis('a Redis Cluster that changes under load', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 5000 });
  });
  afterAll(() => cluster.stop());
  afterEach(() => load.stop());

  const another = async (than: RedisServer): Promise<RedisServer> =>
    (await cluster.primaries()).map(({ server }) => server).find((server) => server !== than) as RedisServer;

  it('spreads eight partitions over all primaries, and delivers', async () => {
    startLoad(cluster, 8);
    const owners = new Set<RedisServer>();
    for (let partition = 0; partition < 8; partition += 1) owners.add(await cluster.primaryOf(tag(partition)));
    expect(owners.size).toBe(3);
    await load.more(200);
    expect(wrong(await load.finish())).toEqual(NOTHING_WRONG);
  });

  it('moves slots there and back', async () => {
    startLoad(cluster, 4);
    await load.more(100);
    const home = await cluster.primaryOf(tag(0));
    await cluster.moveSlot(tag(0), await another(home));
    await load.more(100);
    await cluster.moveSlot(tag(0), home);
    await load.more(100);
    expect(wrong(await load.finish())).toEqual(NOTHING_WRONG);
  });

  // Protected by loading the library wherever a call says that it is not there.
  it('takes in a primary that has no Functions yet', async () => {
    startLoad(cluster, 4);
    await load.more(100);
    const added = await cluster.addPrimary();
    expect(await commandTo(added, 'FUNCTION', 'LIST')).toEqual([]);
    for (const partition of [0, 1]) await cluster.moveSlot(tag(partition), added);
    await load.more(100);
    expect(await commandTo(added, 'FUNCTION', 'LIST')).toHaveLength(1);
    expect(wrong(await load.finish())).toEqual(NOTHING_WRONG);
  });

  it('has four partitions shared by one to four routers: none is idle or owned twice for longer than the lease', async () => {
    startLoad(cluster, 4);
    const ownersOf = (since: number) =>
      [0, 1, 2, 3].map(
        (partition) => load.turns.findLast((turn) => turn.partition === partition && turn.at > since)?.router,
      );
    const isShared = (routers: number) => () => new Set(ownersOf(performance.now() - 500)).size === routers;
    await load.more(100);
    const leave: (() => Promise<void>)[] = [];
    for (const routers of [2, 3, 4]) {
      leave.push(load.addRouter(`router${routers}`));
      await waitFor(isShared(routers), { what: `${routers} routers at work`, timeoutMs: 30_000 });
    }
    for (const stop of leave) await stop();
    const since = performance.now();
    await waitFor(() => ownersOf(since).every((router) => router === 'router1'), { what: 'one router again' });
    const account = await load.finish();
    expect(wrong(account)).toEqual(NOTHING_WRONG);
    for (const partition of [0, 1, 2, 3]) {
      const turns = load.turns.filter((turn) => turn.partition === partition);
      expect(longestGap(turns.map(({ at }) => at))).toBeLessThan(CLAIM_AFTER_MS);
      // Two owners would take turns all the time: what an earlier one settles has no effect.
      expect(turns.filter(({ router }, i) => i > 0 && router !== turns[i - 1]?.router).length).toBeLessThan(12);
    }
  }, 120_000);
});

/** Longest time between two, in milliseconds. */
const longestGap = (times: readonly number[]): number =>
  Math.max(...times.slice(1).map((at, i) => at - (times[i] as number)));

const WAITED = { level: 'everysec', replicas: 1, timeoutMs: 2000 } as const;

describeOnRealRedis('a primary of a Redis Cluster that is killed under load', () => {
  let cluster: RedisCluster;
  beforeEach(async () => {
    cluster = await startRedisCluster({ config: { appendonly: 'yes' } });
  });
  afterEach(async () => {
    await load.stop();
    await cluster.stop();
  });

  const failOver = async (isAhead: (primary: RedisServer) => Promise<void>) => {
    const victim = await cluster.primaryOf(tag(0));
    const awayAt = await killAheadOf(victim, await cluster.replicasOf(victim), isAhead);
    const isOther = async () => (await cluster.primaryOf(tag(0))) !== victim;
    await waitFor(isOther, { what: 'another primary', timeoutMs: 30_000, everyMs: 50 });
    await victim.restart();
    await cluster.untilWhole();
    return awayAt;
  };

  it('puts nothing into a topic twice, and loses what its replica did not have yet', async () => {
    load = new Load({ url: cluster.url, partitions: 4 });
    await load.more(100);
    const awayAt = await failOver((primary) => growthOf(primary, 'mr:{p0}:in', 40));
    await load.more(100);
    const account = await load.finish();
    expect({ ...wrong(account), lost: [] }).toEqual(NOTHING_WRONG);
    expect(account.lost.length).toBeGreaterThan(0);
    expect(account.lost.filter((number) => (account.accepted.get(number) as number) < awayAt)).toEqual([]);
  }, 120_000);

  it('loses at most its last moment where its replica kept up', async () => {
    load = new Load({ url: cluster.url, partitions: 4 });
    await load.more(100);
    const victim = await cluster.primaryOf(tag(0));
    await victim.kill();
    const killedAt = performance.now();
    const isOther = async () => (await cluster.primaryOf(tag(0))) !== victim;
    await waitFor(isOther, { what: 'another primary', timeoutMs: 30_000, everyMs: 50 });
    await victim.restart();
    await cluster.untilWhole();
    await load.more(100);
    const account = await load.finish();
    expect({ ...wrong(account), lost: [] }).toEqual(NOTHING_WRONG);
    expect(account.lost.filter((number) => (account.accepted.get(number) as number) < killedAt - 1000)).toEqual([]);
  }, 120_000);

  // Protected by `socketTimeout`: nothing else tells that nobody is at the other end of a connection.
  it('is not waited for where it hangs instead', async () => {
    load = new Load({ url: cluster.url, partitions: 4 });
    await load.more(100);
    const victim = await cluster.primaryOf(tag(0));
    const hungAt = performance.now();
    process.kill(victim.pid as number, 'SIGSTOP');
    try {
      await load.more(100);
    } finally {
      process.kill(victim.pid as number, 'SIGCONT');
    }
    await cluster.untilWhole();
    const account = await load.finish();
    expect({ ...wrong(account), lost: [] }).toEqual(NOTHING_WRONG);
    expect(account.lost.filter((number) => (account.accepted.get(number) as number) < hungAt - 1000)).toEqual([]);
  }, 120_000);

  // Protected by `Confirmation` on the connection that follows the slot.
  it('loses nothing that its replica was waited for', async () => {
    load = new Load({ url: cluster.url, partitions: 4, durability: WAITED });
    await load.more(100);
    await failOver((primary) => unconfirmed(primary, 'mr:{p0}:in', load));
    await load.more(100);
    expect(wrong(await load.finish())).toEqual(NOTHING_WRONG);
  }, 120_000);
});
