import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RedisTransport } from '@millrace/streams/redis';
import {
  describeOnRealRedis,
  freePort,
  haveRedisModule,
  type PostgresServer,
  type Receiver,
  type RedisServer,
  ServerProcess,
  startPostgres,
  startReceiver,
  startRedis,
  waitFor,
} from '@millrace/testkit';
import { SERVICES as ALL, pathOf, textOf, yamlOf } from './repository.js';

const SERVICES = [
  ...['gateway', 'router', 'console'],
  ...['sink-postgres', 'sink-webhook', 'sink-timeseries', 'sink-files', 'sink-redis-pubsub'],
] as const;
type Service = (typeof SERVICES)[number];

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const PREFIX = 'acl:';
const EVENTS = 20;

/** One key of each family, of whatever type. */
const FAMILIES = [
  ...['in', 'seen:0', 'frames', 'gate', 'forced', 'topic:orders', 'trace:0'],
  ...['again:sink-postgres', 'parked:sink-postgres', 'dead:sink-postgres', 'lease:sink-postgres', 'dead:sink-files'],
  ...[
    'hook:shop',
    'dead:hook.shop',
    'again:router',
    'dead:router',
    'series:temperature',
    'lab:x',
    'replay:x',
    'redrive:x',
  ],
]
  .map((name) => `{p0}:${name}`)
  .concat(
    [
      'routes',
      'routes:version',
      'routes:file',
      'schemas',
      'keys',
      'endpoints',
      'endpoints:state',
      'sinks',
      'topics',
    ].map((name) => `{ctl}:${name}`),
    ['{ctl}:controls', '{ctl}:partitions', '{ctl}:audit', '{rate:shop}', 'telemetry:events'],
  );

const WRITES = (key: string): string[][] => [
  ...[
    ['XADD', key, '*', 'a', 'b'],
    ['XDEL', key, '1-1'],
    ['XTRIM', key, 'MAXLEN', '0'],
    ['UNLINK', key],
  ],
  ...[
    ['PEXPIRE', key, '1'],
    ['SET', key, 'x'],
    ['INCR', key],
    ['HSET', key, 'a', 'b'],
    ['HDEL', key, 'a'],
  ],
  ...[
    ['HINCRBY', key, 'a', '1'],
    ['ZADD', key, '1', 'a'],
    ['ZREM', key, 'a'],
    ['SADD', key, 'a'],
    ['PERSIST', key],
  ],
  ...[
    ['XGROUP', 'SETID', key, 'g', '0'],
    ['XGROUP', 'DESTROY', key, 'g'],
    ['DEL', key],
    ['RENAME', key, key],
  ],
];
const GROUPS = (key: string): string[][] => [
  ['XACK', key, 'g', '1-1'],
  ['XCLAIM', key, 'g', 'c', '0', '1-1'],
];
const READS = (key: string): string[][] => [
  ['XLEN', key],
  ['GET', key],
  ['HGETALL', key],
  ['ZCARD', key],
  ['XRANGE', key, '-', '+'],
];

const passwordOf = (name: string): string => `password-of-${name}`;

/** The ACL file, as the program in deploy/redis makes it. */
const aclFile = (...args: readonly string[]): string => {
  const passwords = ['admin', 'loader', ...SERVICES].map((name) => [
    `MILLRACE_REDIS_PASSWORD_${name.toUpperCase().replaceAll('-', '_')}`,
    passwordOf(name),
  ]);
  const program = fileURLToPath(new URL('../redis/users.mjs', import.meta.url));
  return execFileSync(process.execPath, [program, '--prefix', PREFIX, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...Object.fromEntries(passwords) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
};

const users = (withModule: boolean): void => {
  let folder: string;
  let redis: RedisServer;
  let postgres: PostgresServer;
  let receiver: Receiver;
  const processes: ServerProcess[] = [];
  const ports = new Map<Service, number>();
  const transports: RedisTransport[] = [];

  const as = (user: string): RedisTransport => {
    const url = redis.url.replace('://', `://${user}:${passwordOf(user)}@`);
    const transport = new RedisTransport({ url, keyPrefix: PREFIX });
    transports.push(transport);
    return transport;
  };
  /** What Redis answers a user. */
  const answer = async (user: string, ...command: readonly [string, ...string[]]): Promise<string> => {
    const client = as(user).connections.connect('try');
    return client.call(...command).then(String, (error: Error) => error.message);
  };
  const refusals = async (): Promise<string[]> => {
    const rows = (await as('admin').connections.connect('log').call('ACL', 'LOG', '128')) as unknown[][];
    return rows.map((row) => {
      const of = (name: string) => String(row[row.indexOf(name) + 1]);
      return `${of('username')}: ${of('reason')} ${of('context')} ${of('object')}`;
    });
  };
  /** As an operator does before the services of a version start. */
  const loadFunctions = (): void => {
    const program = fileURLToPath(new URL('../../apps/console/dist/load-functions.js', import.meta.url));
    const url = redis.url.replace('://', `://loader:${passwordOf('loader')}@`);
    execFileSync(process.execPath, [program], { env: { ...process.env, REDIS_URL: url }, stdio: 'pipe' });
  };
  const at = (service: Service, path: string): string => `http://127.0.0.1:${ports.get(service)}${path}`;

  const envOf: Record<Service, () => Record<string, string>> = {
    gateway: () => ({ INGEST_API: 'on' }),
    router: () => ({ RETENTION_MAX_LENGTH: '100', ROUTES_FILE: join(folder, 'routes.yaml') }),
    console: () => ({ GATEWAY_URL: at('gateway', '') }),
    'sink-postgres': () => ({ DATABASE_URL: postgres.url }),
    'sink-webhook': () => ({ WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET, ALLOW_NETWORKS: '127.0.0.0/8' }),
    'sink-timeseries': () => ({ TOPICS: 'telemetry' }),
    'sink-files': () => ({ DIRECTORY: join(folder, 'events'), ORDER: 'fifo' }),
    'sink-redis-pubsub': () => ({}),
  };

  const start = async (service: Service): Promise<void> => {
    const port = await freePort();
    ports.set(service, port);
    processes.push(
      new ServerProcess({
        name: service,
        program: process.execPath,
        args: [fileURLToPath(new URL(`../../apps/${service}/dist/main.js`, import.meta.url))],
        env: {
          PATH: process.env['PATH'],
          KEY_PREFIX: PREFIX,
          HOST: '127.0.0.1',
          PORT: String(port),
          LOG_LEVEL: 'warn',
          REDIS_URL: redis.url.replace('://', `://${service}:${passwordOf(service)}@`),
          ...envOf[service](),
        },
        stopSignal: 'SIGTERM',
        guardSignal: 'KILL',
      }),
    );
    const [running] = processes.slice(-1);
    await waitFor(async () => !running?.running || (await fetch(at(service, '/health/ready'))).ok, {
      what: `${service} to be ready`,
      timeoutMs: 60_000,
      everyMs: 100,
    });
    if (!running?.running) throw new Error(running?.obituary());
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-acl-'));
    const file = join(folder, 'users.acl');
    writeFileSync(join(folder, 'routes.yaml'), 'routes: [{ name: none, pattern: { type: [none] }, topics: [none] }]\n');
    writeFileSync(file, 'user default on nopass ~* &* +@all\n');
    redis = await startRedis({ flavour: 'native', withModule, config: { aclfile: file } });
    [postgres, receiver] = await Promise.all([startPostgres(), startReceiver({ secret: SECRET })]);
    writeFileSync(file, aclFile('--redis', redis.version, ...(withModule ? ['--timeseries'] : [])));
    const before = new RedisTransport({ url: redis.url });
    await before.connections.connect('load').call('ACL', 'LOAD');
    await before.close();
  }, 120_000);
  afterAll(async () => {
    await Promise.all(transports.map((transport) => transport.close()));
    await Promise.all(processes.map((one) => one.stop()));
    await Promise.all([redis?.stop(), postgres?.stop(), receiver?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('let the whole pipeline run: everything is delivered, and nothing was refused', async () => {
    loadFunctions();
    const [gateway, ...others] = SERVICES; // The console has to know where the gateway is.
    await start(gateway);
    await Promise.all(others.map(start));
    const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(at('console', path), {
        method,
        ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    await api('PUT', '/api/routes/all', { pattern: { type: ['order', 'reading'] }, topics: ['orders', 'telemetry'] });
    await api('PUT', '/api/schemas/order/versions/1', { type: 'object' });
    await api('PUT', '/api/trace', { sample: 1 });
    const events = Array.from({ length: EVENTS }, (_, n) => ({
      specversion: '1.0',
      id: `e${n}`,
      source: '/s',
      type: n % 2 ? 'order' : 'reading',
      data: { metric: 'm', value: n },
    }));
    const routed = async (): Promise<boolean> => {
      const { topics } = (await api('GET', '/api/topics')) as { topics: { name: string }[] };
      return topics.some(({ name }) => name === 'telemetry');
    };
    await waitFor(routed, { what: 'the route to be in force', everyMs: 100 });
    const sent = await fetch(at('gateway', '/v1/events'), {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json', 'idempotency-key': 'one' },
      body: JSON.stringify(events),
    });
    expect(sent.status).toBe(202);
    const settled = async (): Promise<boolean> => {
      const { sinks } = (await api('GET', '/api/sinks')) as {
        sinks: { lag: number; pending: number; parked: number }[];
      };
      return sinks.length >= 6 && sinks.every(({ lag, pending, parked }) => lag + pending + parked === 0);
    };
    await waitFor(settled, { what: 'everything to be delivered', timeoutMs: 60_000, everyMs: 200 }).catch(
      async (error: Error) => {
        // What was refused says why.
        expect(await refusals()).toEqual([]);
        throw error;
      },
    );
    const { deadLetters } = (await api('GET', '/api/summary')) as { deadLetters: number };
    // The series' sink has nothing to do with orders whose value it cannot read; here it can read all.
    expect(deadLetters).toBe(0);

    const troubles: string[] = [];
    const tried = async (method: string, path: string, body?: unknown): Promise<void> => {
      await api(method, path, body).catch((error: Error) => troubles.push(error.message));
    };
    for (const path of [
      ...['/api/doctor', '/api/live', '/api/keys', '/api/audit', '/api/webhooks', '/api/dead-letters', '/api/series'],
      ...['/api/topics/orders', '/api/topics/in/events', '/api/events/trace?source=/s&id=e1', '/api/replays'],
    ]) {
      if (path === '/api/live') (await fetch(at('console', path))).body?.cancel();
      else await tried('GET', path);
    }
    await tried('POST', '/api/keys', { name: 'shop', scopes: ['publish'] });
    await tried('POST', '/api/sinks/sink-files/pause');
    await tried('POST', '/api/sinks/sink-files/resume');
    await tried('POST', '/api/replays', { topic: 'orders', sink: 'sink-files' });
    // There is none; that it is looked for, and refused by nobody but the console, is enough.
    await expect(api('POST', '/api/dead-letters/redrive', { filter: {} })).rejects.toThrow(
      /: 409 .*No dead letter matches/,
    );
    await fetch(at('gateway', '/api/ingest/events'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source: 's', metric: 'm', value: 1 }),
    });
    await fetch(at('gateway', '/api/ingest/workers/process'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumer: 'c', count: 10 }),
    });
    const summary = await fetch(at('gateway', '/api/ingest/summary'));
    expect([await refusals(), troubles, summary.status]).toEqual([[], [], 200]);
    await waitFor(settled, { what: 'the replay', timeoutMs: 30_000, everyMs: 200 });
    await Promise.all(processes.splice(0).map((running) => running.stop()));
    expect(await refusals()).toEqual([]);
  }, 240_000);

  it.each(SERVICES)('keep %s from what is none of its business', async (service) => {
    for (const command of [
      ['FLUSHALL'],
      ['KEYS', '*'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['CONFIG', 'GET', 'requirepass'],
      ['ACL', 'LIST'],
      ['FUNCTION', 'FLUSH'],
      ['FUNCTION', 'DELETE', 'x'],
      ['FUNCTION', 'LOAD', 'REPLACE', '#!lua name=x'],
      ['SHUTDOWN'],
      ['REPLICAOF', 'NO', 'ONE'],
      ['MONITOR'],
      ['GET', 'somebody:elses'],
      ['HSET', 'other:{p0}:frames', 'a', 'b'],
    ] as [string, ...string[]][]) {
      expect([command[0], await answer(service, ...command)]).toEqual([
        command[0],
        expect.stringMatching(/^Redis: NOPERM/),
      ]);
    }
  });

  it.each<[Service, ...string[]]>([
    ['gateway', 'XLEN', '{p0}:topic:orders'],
    ['gateway', 'HSET', '{ctl}:keys', 'x', '{}'],
    ['gateway', 'HSET', '{ctl}:routes', 'x', '{}'],
    ['router', 'HGET', '{p0}:seen:0', 'x'],
    ['router', 'HGETALL', '{ctl}:keys'],
    ['router', 'HSET', '{ctl}:routes', 'x', '{}'],
    ['console', 'XADD', '{p0}:in', '*', 'type', 't'],
    ['sink-postgres', 'XADD', '{p0}:in', '*', 'type', 't'],
    ['sink-postgres', 'XLEN', '{p0}:in'],
    ['sink-postgres', 'XLEN', '{p0}:dead:sink-files'],
    ['sink-postgres', 'HGETALL', '{ctl}:endpoints'],
    ['sink-files', 'HGETALL', '{ctl}:keys'],
    ['sink-webhook', 'HSET', '{ctl}:endpoints', 'x', '{}'],
    ['sink-timeseries', 'XLEN', '{p0}:hook:default'],
  ])('keep %s from %s %s', async (service, command, key, ...more) => {
    expect(await answer(service, command as string, `${PREFIX}${key}`, ...more)).toMatch(/^Redis: NOPERM/);
  });

  // Whoever adds a user, a family of keys or a right sees here whom it reaches.
  it('reach just the keys that the table in docs/security.md says', async () => {
    const admin = as('admin').connections.connect('dry run');
    const may = async (user: string, ...command: readonly string[]): Promise<boolean> =>
      (await admin.call('ACL', 'DRYRUN', user, ...command)) === 'OK';
    const any = async (user: string, commands: readonly (readonly string[])[]): Promise<boolean> =>
      (await Promise.all(commands.map((command) => may(user, ...command)))).some(Boolean);
    const USERS = ['loader', ...SERVICES];
    const rows = await Promise.all(
      FAMILIES.map(async (family) => {
        const key = `${PREFIX}${family}`;
        const cells = await Promise.all(
          USERS.map(async (user) => {
            if (await any(user, WRITES(key))) return 'w';
            if (await any(user, GROUPS(key))) return 'g';
            return (await any(user, READS(key))) ? 'r' : '–';
          }),
        );
        return [`\`${family}\``, ...cells];
      }),
    );
    const table = [['key', ...USERS.map((user) => `\`${user}\``)], ...rows];
    const written = readFileSync(fileURLToPath(new URL('../../docs/security.md', import.meta.url)), 'utf8');
    const start = written.indexOf('| key ');
    const lines = written.slice(start, written.indexOf('\n\n', start)).split('\n');
    const shown = lines
      .filter((_, n) => n !== 1)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(shown).toEqual(table);
  });

  it('are nobody without a password', async () => {
    const nobody = new RedisTransport({ url: redis.url });
    transports.push(nobody);
    await expect(nobody.connections.connect('try').call('PING')).rejects.toThrow(/NOAUTH|NOPERM|WRONGPASS/);
  });
};

describe('deploy/redis/users.compose.yml', () => {
  const { services: all } = yamlOf('docker-compose.yml');
  const { services } = yamlOf('deploy/redis/users.compose.yml');

  it('has a user of its own for each service of docker-compose.yml that reaches Redis', () => {
    const reaching = Object.entries<{ environment?: { REDIS_URL?: string } }>(all).flatMap(([name, { environment }]) =>
      environment?.REDIS_URL === undefined ? [] : [name],
    );
    expect(reaching.sort()).toEqual([...ALL, 'load-functions'].sort());
    expect(Object.keys(services).sort()).toEqual([...reaching, 'redis'].sort());
    for (const name of reaching) {
      const user = name === 'load-functions' ? 'loader' : name;
      const variable = `MILLRACE_REDIS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;
      expect(services[name].environment.REDIS_URL).toMatch(
        new RegExp(`^redis://${user}:\\$\\{${variable}(:\\?[^}]*)?\\}@redis:6379$`),
      );
    }
  });

  // With users of Redis nobody is let in without one.
  it('leaves no service another address of that Redis', () => {
    const merged = Object.entries<{ environment?: object }>(all).map(([name, { environment }]) => ({
      ...environment,
      ...services[name]?.environment,
    }));
    expect(JSON.stringify(merged)).not.toMatch('//redis:');
  });

  it('has the passwords that users.mjs tells', () => {
    const { stderr, stdout } = spawnSync(process.execPath, [pathOf('deploy/redis/users.mjs')], { encoding: 'utf8' });
    const told = stderr.trim().split('\n');
    expect(told.every((line) => /^MILLRACE_REDIS_PASSWORD_[A-Z0-9_]+=[\w-]{43}$/.test(line))).toBe(true);
    const asked = [...textOf('deploy/redis/users.compose.yml').matchAll(/\$\{(MILLRACE_\w+)/g)].map(([, name]) => name);
    expect(told.map((line) => line.split('=')[0])).toEqual(expect.arrayContaining([...new Set(asked)]));
    expect(stdout.trim().split('\n')).toHaveLength(told.length + 1);
  });
});

describeOnRealRedis('the users of Redis', () => users(false));

const withModule = 'the users of Redis with the TimeSeries module';
if (haveRedisModule()) describeOnRealRedis(withModule, () => users(true));
else describe.skip(`${withModule} (needs the TimeSeries module, by MILLRACE_TEST_REDIS_MODULE)`, () => users(true));
