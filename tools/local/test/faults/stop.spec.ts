import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  type PostgresServer,
  type Receiver,
  type RedisServer,
  startPostgres,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { Service } from '../../src/stack/service.js';

const NAMES = [
  'gateway',
  'router',
  'sink-postgres',
  'sink-webhook',
  'sink-timeseries',
  'sink-files',
  'sink-redis-pubsub',
  'console',
];
const ROUTES = `
routes:
  - name: all
    pattern: { type: [t] }
    topics: [orders]
    transform: '{ "subject": "s" }'
`;
const SECRET = `whsec_${Buffer.from('a secret of the stop test 123').toString('base64')}`;
const EVENTS = 20;

/** Protected by each module stopping what it started, and by \`runService\` looking before it ends the process. */
describeOnRealRedis('a service that was asked to stop', () => {
  const lines = new Map<string, string[]>(NAMES.map((name) => [name, []]));
  const services: Service[] = [];
  let redis: RedisServer;
  let postgres: PostgresServer;
  let receiver: Receiver;
  let folder: string;

  beforeAll(async () => {
    [redis, postgres, receiver] = await Promise.all([startRedis(), startPostgres(), startReceiver({ secret: SECRET })]);
    folder = await mkdtemp(join(tmpdir(), 'millrace-stop-'));
    await writeFile(join(folder, 'routes.yaml'), ROUTES);
    for (const name of NAMES) {
      const env = {
        REDIS_URL: redis.url,
        DATABASE_URL: postgres.url,
        TOPICS: 'orders',
        LOG_LEVEL: 'info',
        WEBHOOK_URL: receiver.url,
        WEBHOOK_SECRET: SECRET,
        ALLOW_NETWORKS: '127.0.0.0/8',
        ROUTES_FILE: join(folder, 'routes.yaml'),
        DIRECTORY: join(folder, 'files'),
      };
      services.push(new Service({ name, port: await freePort(), env }, (_, line) => lines.get(name)?.push(line)));
    }
    for (const service of services) {
      await waitFor(() => service.ready(), { what: `${service.spec.name} to be ready`, timeoutMs: 30_000 });
    }
    const body = JSON.stringify(Array.from({ length: EVENTS }, (_, n) => ({ type: 't', data: { n } })));
    await fetch(`${services[0]?.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await fetch(`${services.at(-1)?.url}/api/topics/orders/events`);
    const transport = new RedisTransport({ url: redis.url });
    await waitFor(
      async () =>
        (await transport.reader.range({ name: 'topic:orders', partition: 0 }, '-', '+', 100)).length === EVENTS,
      {
        what: 'the events to be routed',
      },
    );
    await transport.close();
  }, 120_000);
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all([redis?.stop(), postgres?.stop(), receiver?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  it.each(NAMES)('leaves nothing running: %s', async (name) => {
    await services.find(({ spec }) => spec.name === name)?.stop();
    const said = lines.get(name)?.join('\n') ?? '';
    expect(said).toContain('"msg":"stopped"');
    expect(said).not.toContain('still runs');
    expect(said).not.toContain('MaxListenersExceeded');
  });
});
