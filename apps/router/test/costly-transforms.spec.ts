import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Operations } from '@millrace/operations';
import { INBOX, topicStream } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';

// A string doubled until a megabyte becomes a gigabyte: the heap is full in one step, and V8 ends the process.
const DOUBLED = '($f := function($n, $s) { $n = 0 ? $s : $f($n - 1, $s & $s) }; { "data": $uppercase($f(27, "ab")) })';
const ENDLESS = '{ "data": $match(data.text, /^(?=a)(a|aa)+$/) }';

const ROUTES = JSON.stringify({
  routes: [
    { name: 'good', pattern: { type: ['good'] }, topics: ['good'], transform: '{ "subject": "routed" }' },
    { name: 'doubled', pattern: { type: ['doubled'] }, topics: ['bad'], transform: DOUBLED },
    { name: 'endless', pattern: { type: ['endless'] }, topics: ['bad'], transform: ENDLESS },
  ],
});

describeOnRealRedis('a router with transforms that take too much', () => {
  let redis: RedisServer;
  let transport: RedisTransport;
  let router: ServerProcess | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));

  beforeAll(async () => {
    redis = await startRedis();
    transport = new RedisTransport({ url: redis.url });
    writeFileSync(join(folder, 'routes.yaml'), ROUTES);
  });
  afterAll(async () => {
    await router?.kill();
    await transport.close();
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  it('goes on: they are dead letters with the reason, and their neighbours are routed', async () => {
    const data = { text: `${'a'.repeat(60)}b` };
    const events = ['good', 'doubled', 'good', 'endless', 'good'].map((type, n) => ({
      type,
      json: JSON.stringify({ specversion: '1.0', id: `e${n}`, source: '/s', type, data }),
    }));
    await transport.producer.append({ name: INBOX, partition: 0 }, events);
    router = new ServerProcess({
      name: 'router',
      program: process.execPath,
      args: [new URL('../dist/main.js', import.meta.url).pathname],
      env: {
        PATH: process.env.PATH ?? '',
        HOST: '127.0.0.1',
        PORT: String(await freePort()),
        LOG_LEVEL: 'warn',
        REDIS_URL: redis.url,
        ROUTES_FILE: join(folder, 'routes.yaml'),
        MAX_ATTEMPTS: '1',
      },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    const letters = () =>
      new Operations(transport).deadLetters.newest({ group: 'router', partition: 0, from: '-', to: '+' }, 10);
    await waitFor(async () => (await letters()).length === 2, { what: 'two dead letters', timeoutMs: 60_000 });
    const reasons = (await letters()).map(({ message }) => message);
    expect(reasons).toContainEqual(expect.stringMatching(/^route "doubled": the expression was aborted: it exceeded/));
    expect(reasons).toContainEqual(expect.stringMatching(/^route "endless": the expression was aborted: it exceeded/));
    const [topic] = await transport.streams.inspect([{ name: topicStream('good'), partition: 0 }]);
    expect(topic?.length).toBe(3);
    // The same process routes what comes next.
    await transport.producer.append({ name: INBOX, partition: 0 }, events.slice(0, 1));
    await waitFor(
      async () => (await transport.streams.inspect([{ name: topicStream('good'), partition: 0 }]))[0]?.length === 4,
      { what: 'the next event to be routed' },
    );
  }, 120_000);
});
