import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Operations } from '@millrace/operations';
import { INBOX, topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  type PostgresServer,
  type RedisServer,
  startPostgres,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import pg from 'pg';
import { Service } from '../src/stack/service.js';

const ROUTES = `routes:\n  - { name: all, pattern: { type: [t] }, topics: [things, others, third, fourth] }\n`;
/** Half of what the chart gives a router, and less than there is to read. */
const HEAP = { NODE_OPTIONS: '--max-old-space-size=128' };
const EVENTS = 150;
const SEED = 7;

/** Sizes that jump between a few bytes and 1 MB: what a read learned of the last ones says nothing of the next. */
const sizes = (seed: number): number[] => {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: EVENTS }, (_, n) =>
    n < 4 || next() < 0.1 ? 10 : 900_000 + Math.floor(next() * 100_000),
  );
};

// Protected by `AnswerGuard`, `ReadBudget` and the bound of `claim` and `adopt`: without them the first read brings all of
// it, and so does each one after a restart.
describeOnRealRedis('a process with a heap of 128 MB, killed once, gets through what is larger than that', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let folder: string;
  let transport: RedisTransport;
  const running: Service[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-large-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    transport = new RedisTransport({ url: redis.url });
  });
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await transport?.close();
    await Promise.all([redis?.stop(), postgres?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (name: string, env: Record<string, string>): Promise<Service> => {
    const shared = { REDIS_URL: redis.url, CLAIM_AFTER_MS: '1000', LOG_LEVEL: 'error', ...HEAP };
    const service = new Service({ name, port: await freePort(), env: { ...shared, ...env } }, () => undefined);
    running.push(service);
    return service;
  };

  /** Kills it in the middle of its work, starts another one, and waits until that has done the rest by itself. */
  const drained = async (name: string, env: Record<string, string>, left: () => Promise<number>): Promise<void> => {
    const first = await start(name, env);
    await waitFor(async () => (await left()) < EVENTS - 10, { what: `${name} to have begun`, timeoutMs: 60_000 });
    process.kill(first.pid as number, 'SIGKILL');
    await first.died();
    const second = await start(name, env);
    let death: string | undefined;
    void second.died().then((how) => (death = how));
    await waitFor(async () => death !== undefined || (await left()) === 0, {
      what: `${name} to be done`,
      timeoutMs: 120_000,
    });
    expect(death).toBeUndefined();
  };

  const leftOf = async (stream: string, group: string): Promise<number> =>
    (await transport.streams.backlog({ name: stream, partition: 0 }, group).catch(() => EVENTS)) ?? EVENTS;

  it('a router, whose events go to four topics, and a sink', async () => {
    for (const [n, size] of sizes(SEED).entries()) {
      const json = `{"specversion":"1.0","id":"${n}","source":"/s","type":"t","data":"${'x'.repeat(size)}"}`;
      await transport.producer.append({ name: INBOX, partition: 0 }, [{ type: 't', json }]);
    }
    await drained('router', { ROUTES_FILE: join(folder, 'routes.yaml') }, () => leftOf(INBOX, 'router'));
    const [things] = await transport.streams.inspect([{ name: topicStream('things'), partition: 0 }]);
    expect(things?.added).toBe(EVENTS);

    const env = { DATABASE_URL: postgres.url, TOPICS: 'things' };
    await drained('sink-postgres', env, () => leftOf(topicStream('things'), 'sink-postgres'));
    const database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    const { rows } = await database.query('SELECT count(*) AS n FROM millrace_events');
    await database.end();
    expect(Number(rows[0].n)).toBe(EVENTS);
    expect(
      await new Operations(transport).deadLetters.counts([
        { group: 'router', partition: 0 },
        { group: 'sink-postgres', partition: 0 },
      ]),
    ).toEqual([0, 0]);
  }, 300_000);
});
