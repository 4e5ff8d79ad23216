import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decisions, RouteStore } from '@millrace/routes';
import { topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, freePort, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { Service } from '../src/stack/service.js';

const EVENTS = 10_000;
const BATCH = 50;
const CHANGES = 100;
const IN = { name: 'in', partition: 0 };

/** What is in a topic: which event, and by which change of the routes it was routed. */
interface Routed {
  readonly id: string;
  readonly routedby: number;
  readonly at: number;
}

describeOnRealRedis('a hundred changes of the routes under load', () => {
  let redis: RedisServer;
  let transport: RedisTransport;
  let store: RouteStore;
  let router: Service;
  let folder: string;
  const lines: string[] = [];

  const start = async (): Promise<void> => {
    const env = { REDIS_URL: redis.url, ROUTES_FILE: join(folder, 'routes.yaml'), CLAIM_AFTER_MS: '1000' };
    router = new Service({ name: 'router', port: await freePort(), env }, (_, line) => lines.push(line));
    await waitFor(() => router.ready(), { what: 'the router to be ready', timeoutMs: 30_000 });
  };

  /** Both routes say by which change they are; so an event that half a change routed has two answers. */
  const change = (n: number) =>
    store.put(
      ['left', 'right'].map((topic) => ({
        name: topic,
        pattern: { type: ['t'] },
        topics: [topic],
        transform: `{ "routedby": ${n} }`,
      })),
      { who: 'test' },
    );

  const routed = async (topic: string): Promise<Routed[]> => {
    const all = await transport.reader.range({ name: topicStream(topic), partition: 0 }, '-', '+', 10 * EVENTS);
    return all.map(({ event, position }) => ({
      ...(JSON.parse(event.json) as Omit<Routed, 'at'>),
      at: Number(position.split('-')[0]),
    }));
  };

  const inForce = async (): Promise<number> => {
    const metrics = await (await fetch(`${router.url}/metrics`)).text();
    return Number(/^millrace_routes_version (\d+)/m.exec(metrics)?.[1]);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-changes-'));
    await writeFile(join(folder, 'routes.yaml'), 'routes: []\n');
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
    store = new RouteStore(transport);
    await change(0);
    await start();
  });

  afterAll(async () => {
    await router?.stop();
    await transport?.close();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('loses nothing, doubles nothing, and routes nothing by half a version', async () => {
    let changes = 0;
    for (let sent = 0; sent < EVENTS; sent += BATCH) {
      const events = Array.from({ length: BATCH }, (_, i) => ({
        type: 't',
        json: `{"specversion":"1.0","id":"${sent + i}","source":"/s","type":"t"}`,
      }));
      await transport.producer.append(IN, events);
      if (sent % (EVENTS / CHANGES) === 0) await change(++changes);
      if (sent === EVENTS * 0.3) await writeFile(join(folder, 'routes.yaml'), 'routes: [ broken');
      if (sent === EVENTS * 0.6) {
        await writeFile(join(folder, 'routes.yaml'), 'routes: []\n');
        await router.kill();
        await start();
      }
      // The router looks once a second: some of the changes have to be seen.
      if (sent % 2000 === 0) await waitFor(async () => (await inForce()) === changes + 1, { what: 'the change' });
    }
    expect(changes).toBe(CHANGES);
    await waitFor(async () => (await transport.streams.backlog(IN, 'router')) === 0, { what: 'all to be routed' });
    const [left, right] = await Promise.all([routed('left'), routed('right')]);
    const ids = Array.from({ length: EVENTS }, (_, n) => String(n));
    expect(left.map(({ id }) => id)).toEqual(ids);
    expect(right.map(({ id }) => id)).toEqual(ids);
    expect(left.map(({ routedby }) => routedby)).toEqual(right.map(({ routedby }) => routedby));
    expect(new Set(left.map(({ routedby }) => routedby)).size).toBeGreaterThan(4);
    expect(await transport.reader.range({ name: 'dead:router', partition: 0 }, '-', '+', 1)).toEqual([]);
    expect(lines.some((line) => line.includes('keeping the last valid routes'))).toBe(true);
    // What is on record is what decided: change n made version n + 1.
    const decisions = new Decisions(transport);
    for (const { routedby, at } of left.filter((_, n) => n % 500 === 0)) {
      expect((await decisions.at(0, at))?.version).toBe(routedby + 1);
    }
    // What was there last comes into force within a second, and the next event says so.
    await waitFor(
      async () => {
        await transport.producer.append(IN, [
          { type: 't', json: '{"specversion":"1.0","id":"x","source":"/s","type":"t"}' },
        ]);
        return (await routed('left')).at(-1)?.routedby === CHANGES;
      },
      { what: 'the last change', everyMs: 200 },
    );
  }, 120_000);
});
