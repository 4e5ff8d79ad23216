import { connect, type Socket } from 'node:net';
import {
  describeOnRealRedis,
  freePort,
  type PostgresServer,
  type RedisServer,
  startPostgres,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { Service } from '../src/stack/service.js';

const SECRET = `whsec_${Buffer.from('a secret of the idle test here').toString('base64')}`;
const MOST_A_SECOND = 5;
/** Every process sends one every two seconds. */
const PINGS = 5;

/** What a Redis is sent by its clients, without what its Functions do. */
class Monitor {
  readonly commands: { readonly name: string; readonly at: number }[] = [];
  private readonly socket: Socket;

  constructor({ host, port }: RedisServer) {
    this.socket = connect(port, host, () => this.socket.write('MONITOR\r\n'));
    this.socket.on('data', (data) => this.read(data.toString()));
    this.socket.on('error', () => undefined); // Redis stops at the end of the test.
  }

  get pings(): number[] {
    return this.commands.filter(({ name }) => name.toUpperCase() === 'PING').map(({ at }) => at);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(text: string): void {
    for (const [, from, name] of text.matchAll(/^\+[\d.]+ \[\d+ ([^\]]+)\] "(\w+)"/gm)) {
      if (from !== 'lua') this.commands.push({ name: name as string, at: performance.now() });
    }
  }
}

const NAMES = ['gateway', 'router', 'sink-postgres', 'sink-webhook', 'sink-timeseries', 'console'];

/** A service on a Redis of its own. */
interface Idler {
  readonly name: string;
  readonly redis: RedisServer;
  readonly service: Service;
  readonly monitor: Monitor;
}

const start = async (name: string, databaseUrl: string): Promise<Idler> => {
  const redis = await startRedis();
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    WEBHOOK_URL: 'http://127.0.0.1:9/',
    WEBHOOK_SECRET: SECRET,
    LOG_LEVEL: 'warn',
  };
  const service = new Service({ name, port: await freePort(), env }, () => undefined);
  await waitFor(() => service.ready(), { what: `${name} to be ready`, timeoutMs: 30_000 });
  return { name, redis, service, monitor: new Monitor(redis) };
};

describeOnRealRedis('a process that has nothing to do', () => {
  let postgres: PostgresServer;
  let idlers: Idler[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
    idlers = await Promise.all(NAMES.map((name) => start(name, postgres.url)));
    await waitFor(() => idlers.every(({ monitor }) => monitor.pings.length >= PINGS), {
      what: 'a few pings of each',
      timeoutMs: 30_000,
      everyMs: 100,
    });
  }, 120_000);
  afterAll(async () => {
    for (const { monitor, service, redis } of idlers) {
      monitor.close();
      await service.stop();
      await redis.stop();
    }
    await postgres?.stop();
  });

  // Protected by the blocking read and the timers: a poll of every stream would be ten times as many.
  it.each(NAMES)('%s sends Redis fewer than five commands a second', (name) => {
    const { monitor } = idlers.find((one) => one.name === name) as Idler;
    const [first = 0, last = 0] = [monitor.pings[0], monitor.pings.at(-1)];
    const sent = monitor.commands.filter(({ at }) => at > first && at <= last).length;
    expect(sent / ((last - first) / 1000)).toBeLessThan(MOST_A_SECOND);
  });
});
