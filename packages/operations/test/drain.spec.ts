import { againStream, INBOX } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Functions, STREAMS_LIBRARY } from '@millrace/streams/redis/internal';
import { describeOnRealRedis, Random } from '@millrace/testkit';
import { Observations } from '../src/observe/observations.js';
import { Drain } from '../src/partitions/drain.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const GROUP = 'router';
const LOOKS = 500;

/** A delivery that fails each time: parked, due, handed out, parked. Steps are sent, not waited for: they are done in turn. */
class Cycle {
  private step = 0;

  constructor(
    private readonly redis: FreshRedis['redis'],
    private readonly functions: Functions,
    private readonly keys: { parked: string; payloads: string; again: string },
  ) {}

  next(): void {
    const { redis, keys } = this;
    const payload = ['type', 'test', 'event', '{"id":"1","source":"/s"}'];
    switch (this.step++ % 3) {
      case 0:
        redis.zadd(keys.parked, 0, 'a');
        redis.hset(keys.payloads, 'a', JSON.stringify(payload));
        // A private stream: what is acknowledged is deleted.
        redis.eval(
          "for _, r in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do redis.call('XACK', KEYS[1], ARGV[1], r[1]) redis.call('XDEL', KEYS[1], r[1]) end",
          ...[1, keys.again, GROUP],
        );
        return;
      case 1:
        void this.functions.call('due', [keys.parked, keys.payloads, keys.again], [10, 60_000]);
        return;
      default:
        redis.xreadgroup('GROUP', GROUP, 'me', 'COUNT', 10, 'STREAMS', keys.again, '>');
    }
  }
}

/** Does a step of the delivery's behind every now and then of what the drain asks. */
class Interposed extends Functions {
  between: () => void = () => undefined;

  override call(...args: Parameters<Functions['call']>): ReturnType<Functions['call']> {
    const answer = super.call(...args);
    this.between();
    return answer;
  }
}

describeOnRealRedis('what has to be through before partitions are raised', () => {
  let transport: RedisTransport;
  let redis: FreshRedis['redis'];
  freshRedis((fresh) => {
    redis = fresh.redis;
    transport = new RedisTransport({ url: fresh.server.url });
  });
  afterEach(() => transport.close());

  it('has in it what is tried again and again, wherever it goes while it is looked for', async () => {
    const stream = (name: string) => transport.keys.stream({ name, partition: 0 });
    const keys = {
      parked: transport.keys.parked(GROUP, 0),
      payloads: transport.keys.payloads(GROUP, 0),
      again: stream(againStream(GROUP)),
    };
    await transport.registry.registerGroup({ group: GROUP, hop: GROUP, streams: [INBOX] });
    for (const key of [stream(INBOX), keys.again]) await redis.xgroup('CREATE', key, GROUP, '0', 'MKSTREAM');
    const functions = new Interposed(redis, STREAMS_LIBRARY);
    const cycle = new Cycle(redis, new Functions(redis, STREAMS_LIBRARY), keys);
    const random = new Random(1);
    cycle.next();
    functions.between = () => {
      if (random.next() < 0.5) cycle.next();
    };
    const { keys: names, registry } = transport;
    const drain = new Drain(redis, names, registry, new Observations(redis, functions, names));
    const unseen: number[] = [];
    for (let look = 0; look < LOOKS; look += 1) if ((await drain.left(1)).length === 0) unseen.push(look);
    expect(unseen).toEqual([]);
  });

  it('has in it what the router put into a topic that was not there when the look began', async () => {
    const { keys, registry } = transport;
    await registry.registerGroup({ group: GROUP, hop: GROUP, streams: [INBOX] });
    await registry.registerGroup({ group: 'sink', hop: 'sink', streams: ['topic:*'], isOrdered: true });
    let routed: Promise<unknown> | undefined;
    const route = async () => {
      await registry.registerTopics(['new']);
      await transport.producer.append({ name: 'topic:new', partition: 0 }, [{ type: 'test', json: '{"id":"1"}' }]);
    };
    class Routing extends Functions {
      override async call(...args: Parameters<Functions['call']>): Promise<unknown> {
        routed ??= route();
        await routed;
        return super.call(...args);
      }
    }
    const functions = new Routing(redis, STREAMS_LIBRARY);
    const drain = new Drain(redis, keys, registry, new Observations(redis, functions, keys));
    expect(await drain.left(1)).toMatchObject([{ group: 'sink', stream: { name: 'topic:new' } }]);
  });
});
