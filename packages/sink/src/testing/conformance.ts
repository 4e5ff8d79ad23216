import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Operations } from '@millrace/operations';
import { type StreamedEvent, topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { haveRealRedis, type RedisServer, startRedis, TcpProxy, waitFor } from '@millrace/testkit';
import { SinkProcess } from './sink-process.js';

/** What a sink delivers to, as the kit gets at it. Every test has a target of its own. */
export interface Target {
  /** Where it listens on 127.0.0.1; the kit stands in between. Absent where the sink is local. */
  readonly port?: number;
  /** The sink's environment; `port` is where it finds the target. */
  env(port: number): Readonly<Record<string, string>>;
  /** Ids of the events of a topic that have arrived, each as often as it is there. */
  arrived(topic: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A sink, and what it promises. */
export interface SinkUnderTest {
  /** Its built program: `new URL('../dist/main.js', import.meta.url)`. */
  readonly program: URL;
  /** Its consumer group. */
  readonly group: string;
  /** The stream that deliveries wait in, where it is not the topic's own: `hook:default`. */
  readonly stream?: string;
  /** Whether its target is where it is itself, so that nothing of it can be away or slow. Default false. */
  readonly isLocal?: boolean;
  /** How often an event may be there after a crash. */
  readonly delivers: 'once' | 'at least once';
  /** The `data` of the n-th event. Default: `{"n":n}`. */
  readonly data?: (n: number, id: string) => unknown;
  /** Members of an event that the target, or the sink, never takes; where there is such a thing. */
  readonly poison?: Readonly<Record<string, unknown>>;
  /** Members of an event that the target refuses when it comes first, and takes after that; where there is such a thing. */
  readonly refusedOnce?: Readonly<Record<string, unknown>>;
  /** Starts a target; `redis` is where the sink will be, for one whose target is there too. */
  startTarget(redis: { readonly url: string; readonly keyPrefix: string }): Promise<Target>;
}

const TOPIC = 'conformance';
const EVENTS = 300;
const CLAIM_MS = 1000;

/**
 * What every sink has to do, as tests against real Redis and a real target: acknowledge what arrived and nothing else,
 * leave alone what it was not asked for, write nothing twice where nothing went wrong, give up what can never arrive and
 * nothing beside it, try again what may, wait for a target that is away without counting it, lose nothing when it is
 * killed, hand over, and stop cleanly.
 */
export const describeSink = (name: string, sink: SinkUnderTest): void => {
  const describeOnRedis = haveRealRedis() ? describe : describe.skip;
  describeOnRedis(`${name}: the conformance of sinks${haveRealRedis() ? '' : ' (needs redis-server)'}`, () => {
    let redis: RedisServer;
    let transport: RedisTransport;
    let target: Target;
    let proxy: TcpProxy | undefined;
    const running: SinkProcess[] = [];
    let prefixes = 0;
    let prefix: string;

    beforeAll(async () => {
      redis = await startRedis({ flavour: 'native' });
    });
    afterAll(() => redis.stop());
    beforeEach(async () => {
      prefix = `kit${prefixes++}:`;
      transport = new RedisTransport({ url: redis.url, keyPrefix: prefix });
      target = await sink.startTarget({ url: redis.url, keyPrefix: prefix });
      proxy = target.port === undefined ? undefined : await TcpProxy.to(target.port);
    });
    afterEach(async () => {
      proxy?.flow();
      await Promise.all(running.splice(0).map((one) => one.kill()));
      await proxy?.close();
      await target.stop();
      await transport.close();
    });

    const start = async (env: Record<string, string> = {}): Promise<SinkProcess> => {
      const started = await SinkProcess.start(fileURLToPath(sink.program), {
        REDIS_URL: redis.url,
        KEY_PREFIX: prefix,
        TOPICS: TOPIC,
        CLAIM_AFTER_MS: String(CLAIM_MS),
        RETRY_SCHEDULE: '1',
        MAX_ATTEMPTS: '3',
        ...target.env(proxy?.port ?? 0),
        ...env,
      });
      running.push(started);
      return started;
    };

    const eventOf = (id: string, n: number, more: object = {}): StreamedEvent => {
      const type = 'conformance.event';
      const event = {
        specversion: '1.0',
        id,
        source: '/conformance',
        type,
        time: new Date(1_700_000_000_000 + n * 1000).toISOString(),
        datacontenttype: 'application/json',
        data: sink.data?.(n, id) ?? { n },
        ...more,
      };
      return { type, json: JSON.stringify(event) };
    };
    const idsUpTo = (count: number) => Array.from({ length: count }, (_, n) => `e${String(n).padStart(5, '0')}`);
    const publish = async (ids: readonly string[], topic = TOPIC): Promise<void> => {
      await transport.producer.append(
        { name: topicStream(topic), partition: 0 },
        ids.map((id, n) => eventOf(id, n)),
      );
    };
    const append = (events: readonly StreamedEvent[]) =>
      transport.producer.append({ name: topicStream(TOPIC), partition: 0 }, events);

    const stream = sink.stream ?? topicStream(TOPIC);
    const backlog = (name = stream) => transport.streams.backlog({ name, partition: 0 }, sink.group);
    const dead = () =>
      new Operations(transport).deadLetters.newest({ group: sink.group, partition: 0, from: '-', to: '+' }, 100);
    const inHand = async (): Promise<number> => {
      const [state] = await transport.streams.inspect([{ name: stream, partition: 0 }]);
      return state?.groups.find((group) => group.name === sink.group)?.pending ?? 0;
    };
    /** Waits until all have arrived and nothing is left to do; then each is there as often as the sink promises. */
    const expectArrived = async (ids: readonly string[], delivers = sink.delivers): Promise<void> => {
      const arrived = await waitFor(
        async () => {
          if ((await backlog()) > 0) return false; // While it is being written it may be there twice: a file and its copy.
          const there = await target.arrived(TOPIC);
          return new Set(there).size >= ids.length && there;
        },
        { what: `${ids.length} events to arrive`, timeoutMs: 30_000 },
      );
      expect([...new Set(arrived)].sort()).toEqual([...ids].sort());
      if (delivers === 'once') expect(arrived).toHaveLength(ids.length);
    };
    /** The same where nothing crashed and nothing was away: then nobody has a reason to write anything twice. */
    const expectArrivedOnce = (ids: readonly string[]) => expectArrived(ids, 'once');

    it('delivers every event and acknowledges it', async () => {
      await start();
      await publish(idsUpTo(EVENTS));
      await expectArrivedOnce(idsUpTo(EVENTS));
      expect(await dead()).toEqual([]);
    });

    it('delivers what came before it was there, and no other topic', async () => {
      await publish(['before']);
      await publish(['other'], 'another');
      await start();
      await expectArrivedOnce(['before']);
    });

    it('dead-letters what is no CloudEvent, and nothing else', async () => {
      await start();
      await append([eventOf('a', 0), { type: 'conformance.event', json: '{"type":' }, eventOf('b', 1)]);
      await expectArrivedOnce(['a', 'b']);
      expect(await dead()).toHaveLength(1);
    });

    const itWithPoison = sink.poison === undefined ? undefined : it;
    itWithPoison?.('dead-letters what can never arrive, and delivers the rest', async () => {
      await start();
      const events = idsUpTo(50).map((id, n) => eventOf(id, n, n === 20 ? sink.poison : {}));
      await append(events);
      await expectArrivedOnce(idsUpTo(50).filter((_, n) => n !== 20));
      const [letter, ...others] = await dead();
      expect(others).toEqual([]);
      expect(letter?.json).toBe(events[20]?.json);
      expect(letter?.message).not.toBe('');
    });

    const itWithRefusal = sink.refusedOnce === undefined ? undefined : it;
    itWithRefusal?.('retries what is refused for now, and delivers the rest', async () => {
      await start();
      await append(idsUpTo(50).map((id, n) => eventOf(id, n, n === 20 ? sink.refusedOnce : {})));
      await expectArrivedOnce(idsUpTo(50));
      expect(await dead()).toEqual([]);
    });

    const itWithNetwork = (what: string, test: (there: TcpProxy) => Promise<void>): void => {
      if (sink.isLocal !== true) it(what, () => test(proxy as TcpProxy));
    };

    itWithNetwork('waits while its target is unavailable, counts no attempt, and is not ready', async (there) => {
      const started = await start();
      await publish(['first']);
      await expectArrived(['first']);
      await there.refuse();
      await publish(idsUpTo(EVENTS));
      await waitFor(async () => (await inHand()) > 0, { what: 'events in flight' });
      if (sink.stream === undefined) {
        await waitFor(async () => !(await started.isReady()), {
          what: 'the sink to say that it waits',
        });
      }
      await there.accept();
      await expectArrived(['first', ...idsUpTo(EVENTS)]);
      expect(await dead()).toEqual([]);
    });

    it('loses nothing when it is killed with events in flight', async () => {
      proxy?.stall();
      const first = await start({ BATCH_MAX_SIZE: '10' });
      await publish(idsUpTo(EVENTS));
      // A target that cannot be stalled is at least in the middle of it.
      if (proxy !== undefined) await waitFor(async () => (await inHand()) > 0, { what: 'events in flight' });
      else
        await waitFor(async () => (await target.arrived(TOPIC)).length > 0, { what: 'the first events', everyMs: 1 });
      await first.kill();
      proxy?.cut();
      proxy?.flow();
      await start();
      await expectArrived(idsUpTo(EVENTS));
      expect(await dead()).toEqual([]);
    });

    it('takes over what another one left', async () => {
      proxy?.stall();
      const first = await start();
      await publish(idsUpTo(EVENTS));
      if (proxy !== undefined) await waitFor(async () => (await inHand()) > 0, { what: 'events in flight' });
      await first.kill();
      await start();
      proxy?.cut();
      proxy?.flow();
      await expectArrived(idsUpTo(EVENTS));
    });

    it('stops cleanly in the middle of its work, and another one goes on', async () => {
      const first = await start();
      await publish(idsUpTo(5 * EVENTS));
      expect(await first.stop()).toBe(0);
      await start();
      await expectArrived(idsUpTo(5 * EVENTS));
      expect(await dead()).toEqual([]);
    });

    itWithNetwork('stops in time although its target hangs, and releases its deliveries', async (there) => {
      const first = await start({ SHUTDOWN_TIMEOUT: '1s' });
      await publish(['first']);
      await expectArrived(['first']);
      there.stall();
      await publish(idsUpTo(20));
      await waitFor(async () => (await inHand()) > 0, { what: 'events in flight' });
      expect(await first.stop()).toBe(0);
      there.cut();
      there.flow();
      await start();
      await expectArrived(['first', ...idsUpTo(20)]);
      expect(await dead()).toEqual([]);
    });
  });
};
