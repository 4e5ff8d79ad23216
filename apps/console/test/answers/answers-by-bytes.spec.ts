import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describeOnRealRedis, freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';
import { fill, LARGE } from './large-redis.js';
import { type Read, reads } from './reads.js';

const MOST_BYTES = 6 * 1024 * 1024;
const HEAP_MB = 128;
/** How often each is asked at once. */
const ROUNDS = 6;

/** What there is to list in pages, in which member, and by what each is known. */
const LISTS: Readonly<Record<string, { member: string; count: number; key: string }>> = {
  topicEvents: { member: 'events', count: LARGE, key: 'event.id' },
  deadLetters: { member: 'deadLetters', count: LARGE, key: 'position' },
  audit: { member: 'entries', count: LARGE, key: 'detail.n' },
};
/** What is not there, and why. */
const ABSENT: Readonly<Record<string, string>> = {
  replay: 'none was started',
  redrive: 'none was started',
  topicLab: 'none was opened',
};

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const at = (value: any, path: string): unknown => path.split('.').reduce((inner, name) => inner?.[name], value);

// What a publisher sends is as large as they like: an answer that brings all of it ends the console. Protected by
// `AnswerBudget`: without it two of the lists are larger than that.
describeOnRealRedis('an answer is bounded in bytes', () => {
  let redis: RedisServer;
  let running: RunningConsole;
  let places: Awaited<ReturnType<typeof fill>>;

  beforeAll(async () => {
    redis = await startRedis();
    running = await RunningConsole.start(redis.url, { PARTITIONS: 2 });
    places = await fill({ transport: running.transport, ask: running.ask.bind(running) });
  }, 120_000);
  afterAll(async () => {
    await running?.close();
    await redis?.stop();
  });

  /** Of any operation: a new one with a parameter that is not known here is asked for nothing, and fails. */
  const askedOf = ({ id, path }: Read, name: string): string | undefined => {
    const names: Readonly<Record<string, string>> = {
      topic: 'orders',
      group: 'sink-a',
      partition: '0',
      type: 'order',
      limit: '1000',
      position: places.position,
      source: '/s',
      filter: 'metric=none',
      from: '0',
      to: String(Date.now() + 60_000),
      name: path.startsWith('/api/sinks') ? 'sink-a' : path.startsWith('/api/webhooks') ? 'a' : 'r0',
      id: id === 'trace' || path.endsWith('/trace') ? 'e0' : places.letter,
      // Of versions.
      ...(id === 'diffRoutes' || path.endsWith('/diff') ? { from: '0', to: '1' } : {}),
    };
    return names[name];
  };
  /** What narrows a list down is left out. */
  const NARROW = ['hop', 'error', 'stream', 'text', 'pattern', 'order', 'cursor', 'before', 'bucket', 'aggregate'];

  const urlOf = (read: Read, cursor?: string): string => {
    const query = new URLSearchParams();
    let path = read.path;
    for (const name of read.parameters) {
      const isOfPath = path.includes(`{${name}}`);
      if (!isOfPath && (NARROW.includes(name) || (read.id in LISTS && name !== 'limit'))) continue;
      const value = askedOf(read, name);
      if (value === undefined) throw new Error(`${read.id}: say what to ask for as "${name}"`);
      if (isOfPath) path = path.replace(`{${name}}`, encodeURIComponent(value));
      else query.set(name, value);
    }
    if (cursor !== undefined) query.set('cursor', cursor);
    return `${path}?${query}`;
  };

  const asked = async (base: string, read: Read, cursor?: string) => {
    const response = await fetch(base + urlOf(read, cursor));
    const text = await response.text();
    return {
      status: response.status,
      bytes: Buffer.byteLength(text),
      body: JSON.parse(text),
      detail: text.slice(0, 300),
    };
  };

  it.each(reads().filter(({ isStream }) => !isStream))('$id: $path', async (read) => {
    const list = LISTS[read.id];
    const seen: unknown[] = [];
    for (let cursor: string | undefined; ; ) {
      const { status, bytes, body, detail } = await asked(running.url, read, cursor);
      if (read.id in ABSENT) return expect(status).toBe(404);
      expect({ detail, status }).toEqual({ detail, status: 200 });
      expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
      if (list !== undefined) {
        expect(body[list.member].length).toBeGreaterThan(0);
        seen.push(
          ...body[list.member].map((one: unknown) => at(one, list.key)).filter((key: unknown) => key !== undefined),
        );
      }
      if (body.next == null) break;
      cursor = body.next;
    }
    if (list !== undefined) {
      expect(new Set(seen).size).toBe(list.count);
      expect(seen).toHaveLength(list.count);
    }
  });

  it('of what is counted too, and the count is exact', async () => {
    const matched = async (path: string, body: object) =>
      (await running.ask('POST', path, { ...body, dryRun: true })).body;
    expect(await matched('/api/dead-letters/redrive', { filter: {} })).toMatchObject({ matched: LARGE });
    expect(await matched('/api/dead-letters/purge', { filter: { text: 'xxx' } })).toMatchObject({ matched: LARGE });
    const replay = { topic: 'orders', sink: 'sink-a', pattern: { type: ['order'] } };
    expect(await matched('/api/replays', replay)).toMatchObject({ matched: LARGE, complete: true });
    const groups = await running.ask('GET', '/api/dead-letters/groups');
    expect(groups.body).toMatchObject({ total: LARGE, errors: [{ error: 'RangeError', streams: ['topic:orders'] }] });
  });

  it('of what is sent as it comes: the rest is told of as dropped', async () => {
    let text = '';
    const watching = get(`${running.url}/api/topics/orders/tail`, { agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    });
    watching.on('error', () => undefined);
    const json = JSON.stringify({ id: 'l', source: '/l', type: 'l', data: 'x'.repeat(1_000_000) });
    const stream = { name: 'topic:orders', partition: 1 };
    const append = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () => running.transport.producer.append(stream, [{ type: 'l', json }])),
      );
    const dropped = () =>
      [...text.matchAll(/^data: \{"dropped":(\d+)\}$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    await waitFor(
      async () => {
        await append(8);
        return dropped() > 0;
      },
      { what: 'some to be dropped' },
    );
    watching.destroy();
    expect(text).toMatch(/^event: event$/m);
    const { keys } = running.transport;
    await running.transport.connections.connect('test').xtrim(keys.stream(stream), 'MAXLEN', LARGE / 2);
  });

  it(`and a console with a heap of ${HEAP_MB} MB gives all of them at once`, async () => {
    const port = await freePort();
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const console = new ServerProcess({
      name: 'console',
      program: process.execPath,
      args: [`--max-old-space-size=${HEAP_MB}`, main],
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: String(port),
        REDIS_URL: redis.url,
        LOG_LEVEL: 'warn',
        PARTITIONS: '2',
        KEY_PREFIX: running.transport.keys.control('x').split('{')[0] as string,
      },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    try {
      await waitFor(isReady, { what: 'the console', timeoutMs: 30_000 });
      const all = reads().filter(({ isStream }) => !isStream);
      const answers = await Promise.all(
        Array.from({ length: ROUNDS }, () => all)
          .flat()
          .map((read) => asked(url, read)),
      );
      expect(answers.map(({ status, bytes }) => status < 500 && bytes <= MOST_BYTES)).not.toContain(false);
      expect(console.running).toBe(true);
    } finally {
      await console.stop(10_000);
    }
  }, 120_000);
});
